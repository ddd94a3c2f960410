// What goes out: the real bridge, log, views and mosquitto.
#include <doctest/doctest.h>

#include <thread>

#include "broker-bridge/channel/topic.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;

/// A fleet with two releases and some devices, all there before the bridge starts.
struct Thermo {
  explicit Thermo(System& system) : name(system.fleet("thermo")) {
    first = system.release(name, "aa");
    second = system.release(name, "bb");
    for (int i = 0; i < 20; ++i) devices.push_back(system.device(name));
    system.pin(name, first);
  }
  std::string name;
  std::string first;
  std::string second;
  std::vector<Uuid> devices;
};

}  // namespace

TEST_CASE("bridge: targets are retained, and a pin reaches whom it concerns and nobody else") {
  const Broker broker;
  Bridged given(broker);
  Thermo thermo(given.system);
  const Watcher watcher(broker.port(), broker.login());
  given.start();
  REQUIRE(given.settled(watcher));
  CHECK(given.has_all_targets(watcher));
  CHECK(given.health().published == 20);

  const Uuid late = given.system.device(thermo.name);
  REQUIRE(given.settled(watcher));
  CHECK(watcher.count(target_topic(late)) == 1);

  const Uuid canary = thermo.devices.front();
  given.system.pin(canary, thermo.first);
  REQUIRE(given.settled(watcher));
  CHECK(given.health().published == 22);

  given.system.pin(thermo.name, thermo.second);
  REQUIRE(given.settled(watcher));
  CHECK(given.health().published == 42);
  CHECK(watcher.count(target_topic(canary)) == 2);
  CHECK(given.has_all_targets(watcher));

  const std::string draft = given.system.release(thermo.name, "cc", true);
  given.system.pin(thermo.name, draft);
  given.system.must(FinalizeRelease{.name = {.fleet = thermo.name, .release = draft}});
  REQUIRE(given.settled(watcher));
  CHECK(given.has_all_targets(watcher));

  const auto published = given.health().published;
  given.system.must(RenameDevice{.device = to_string(late), .name = "renamed"});
  REQUIRE(given.settled(watcher));
  CHECK(given.health().published == published);

  const Watcher later(broker.port(), broker.login());
  CHECK(comes_true([&] { return given.has_all_targets(later); }, 5s));
}

TEST_CASE("bridge: under changes without end an older target never lands on a newer") {
  const Broker broker;
  Bridged given(broker);
  Thermo thermo(given.system);
  const Watcher watcher(broker.port(), broker.login());
  given.start();
  std::uint64_t changes = 0;
  const auto end = std::chrono::steady_clock::now() + 3s;
  while (std::chrono::steady_clock::now() < end) {
    const std::string& release = ++changes % 2 == 0 ? thermo.first : thermo.second;
    if (changes % 7 == 0) {
      given.system.pin(thermo.name, changes % 14 == 0 ? thermo.first : thermo.second);
    } else if (changes % 5 == 0) {
      given.system.must(TrackFleet{.devices = {to_string(thermo.devices[changes % 4])}});
    } else {
      given.system.pin(thermo.devices[changes % 4], release);
    }
  }
  REQUIRE(given.settled(watcher));
  CHECK(comes_true([&] { return given.has_all_targets(watcher); }, 5s));
  CHECK(watcher.went_back().empty());
  MESSAGE("changes: ", changes, ", published: ", given.health().published);
}

TEST_CASE("bridge: a burst about one device is folded") {
  const Broker broker;
  Bridged given(broker);
  Thermo thermo(given.system);
  const Watcher watcher(broker.port(), broker.login());
  given.start();
  REQUIRE(given.settled(watcher));
  const auto before = given.health().published;
  constexpr std::uint64_t burst = 2'000;
  for (std::uint64_t i = 1; i <= burst; ++i) {
    PinDevices body{.devices = {to_string(thermo.devices[0])},
                    .release = i % 2 == 0 ? thermo.first : thermo.second};
    Command command{.actor = Actor{UserId{1}, TokenId{1}},
                    .id = random_ulid(given.now()),
                    .body = std::move(body)};
    REQUIRE(given.system.engine().submit(std::move(command), [](const Outcome&) {}).has_value());
  }
  given.system.pin(thermo.devices[1], thermo.second);
  REQUIRE(given.settled(watcher));
  CHECK(given.has_all_targets(watcher));
  CHECK(given.health().published - before < burst / 2);
  CHECK(watcher.went_back().empty());
}

TEST_CASE("bridge: a broker that is killed while changes go on has everything again") {
  Broker broker;
  Bridged given(broker);
  Thermo thermo(given.system);
  given.start();
  {
    std::jthread changing([&](const std::stop_token& stop) {
      for (std::size_t i = 0; !stop.stop_requested(); ++i) {
        given.system.pin(thermo.devices[i % 5], i % 2 == 0 ? thermo.first : thermo.second);
      }
    });
    for (int i = 0; i < 3; ++i) {
      std::this_thread::sleep_for(300ms);
      broker.kill();
    }
  }
  const Watcher watcher(broker.port(), broker.login());
  REQUIRE(given.settled(watcher));
  CHECK(comes_true([&] { return given.has_all_targets(watcher); }, 5s));
  CHECK(given.health().connections >= 2);
  CHECK(watcher.went_back().empty());
}

TEST_CASE("bridge: a broker with older state gets only what changed after its marker") {
  Broker broker(true);
  Bridged given(broker);
  Thermo thermo(given.system);
  given.start();
  std::uint64_t published = 0;
  {
    const Watcher watcher(broker.port(), broker.login());
    REQUIRE(given.settled(watcher));
    broker.save();
    for (std::size_t i = 0; i < 3; ++i) given.system.pin(thermo.devices[i], thermo.second);
    REQUIRE(given.settled(watcher));
    published = given.health().published;
  }
  broker.kill();
  const Watcher watcher(broker.port(), broker.login());
  REQUIRE(given.settled(watcher));
  CHECK(given.health().connections == 2);
  CHECK(given.health().published == published + 3);
  CHECK(comes_true([&] { return given.has_all_targets(watcher); }, 5s));
}

}  // namespace muster::test
