// What the bridge believes of a broker, and how it comes and goes.
#include <doctest/doctest.h>

#include "broker-bridge/channel/topic.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;

std::vector<Uuid> make_devices(System& system, std::size_t count) {
  const std::string fleet = system.fleet("thermo");
  std::vector<Uuid> devices(count);
  for (Uuid& device : devices) device = system.device(fleet);
  return devices;
}

bool says(const std::string& payload, std::string_view text) {
  return payload.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("bridge: a marker of another log or epoch says nothing, nor does rubbish") {
  const LogIdentity other{.log = random_uuid(), .epoch = System::epoch};
  const std::vector<std::string> foreign = {
      marker_payload(other, Sequence{1'000}),
      marker_payload({.log = *parse_uuid("00112233445566778899aabbccddeeff"), .epoch = 7},
                     Sequence{1'000}),
      "rubbish"};
  for (const std::string& marker : foreign) {
    CAPTURE(marker);
    const Broker broker;
    Watcher watcher(broker.port(), broker.login());
    watcher.say(std::string(marker_topic), marker, true);
    Bridged given(broker);
    make_devices(given.system, 5);
    given.start();
    REQUIRE(given.settled(watcher));
    CHECK(given.health().published == 5);
    CHECK(given.health().alarm.empty());
  }
}

TEST_CASE("bridge: our own marker saves the work") {
  const Broker broker;
  Bridged given(broker);
  make_devices(given.system, 5);
  Watcher watcher(broker.port(), broker.login());
  const auto before = given.system.log().head().value() - 2;
  watcher.say(std::string(marker_topic), marker_payload(given.identity(), Sequence{before}), true);
  given.start();
  REQUIRE(given.settled(watcher));
  CHECK(given.health().published == 2);
}

TEST_CASE("bridge: after a restart of the server only what changed meanwhile is published") {
  const Broker broker;
  const Watcher watcher(broker.port(), broker.login());
  {
    Bridged given(broker);
    make_devices(given.system, 5);
    given.start();
    REQUIRE(given.settled(watcher));
  }
  {
    System without_bridge(broker.data());
    without_bridge.device("acme/thermo");
  }
  Bridged given(broker);
  given.start();
  REQUIRE(given.settled(watcher));
  CHECK(given.health().published == 1);
  CHECK(given.has_all_targets(watcher));
}

TEST_CASE("bridge: a broker that knows more than the log is left alone, with an alarm") {
  const Broker broker;
  Bridged given(broker);
  const auto devices = make_devices(given.system, 5);
  Watcher watcher(broker.port(), broker.login());
  const std::string marker = marker_payload(given.identity(), Sequence{1'000'000});
  watcher.say(std::string(marker_topic), marker, true);
  given.start();
  given.system.device("acme/thermo");
  CHECK(comes_true([&] { return says(given.health().alarm, "1000000"); }, 5s));
  CHECK(comes_true([&] { return says(watcher.last(bridge_topic), R"("online":true)"); }, 5s));
  CHECK_FALSE(comes_true([&] { return given.health().published > 0; }, 500ms));
  CHECK(watcher.count(target_topic(devices.front())) == 0);
  CHECK(watcher.last(marker_topic) == marker);
}

TEST_CASE("bridge: it says that it is there, and says goodbye") {
  const Broker broker;
  Watcher watcher(broker.port(), broker.login());
  {
    Bridged given(broker);
    given.start();
    CHECK(comes_true([&] { return says(watcher.last(bridge_topic), R"("online":true)"); }, 5s));
    CHECK(says(watcher.last(bridge_topic), to_string(given.system.id)));
  }
  CHECK(comes_true([&] { return says(watcher.last(bridge_topic), R"("online":false)"); }, 5s));
  const Watcher later(broker.port(), broker.login());
  CHECK(comes_true([&] { return says(later.last(bridge_topic), R"("online":false)"); }, 5s));
}

TEST_CASE("bridge: without a broker commands go on, and it says what is wrong") {
  Broker broker;
  broker.stop();
  Bridged given(broker);
  given.bridge->start();
  given.system.follow();
  make_devices(given.system, 3);
  CHECK(comes_true([&] { return !given.health().last_problem.empty(); }, 10s));
  CHECK_FALSE(given.health().connected);
}

TEST_CASE("bridge: two of one log put each other out, but not without pause") {
  const Broker broker;
  Bridged given(broker);
  Bridge second(options_for(broker, given.system), given.parts());
  second.start();
  given.start();
  CHECK(comes_true([&] { return second.health().connections > 0; }, 10s));
  CHECK_FALSE(comes_true(
      [&] { return given.health().connections + second.health().connections > 20; }, 6s));
  CHECK(given.health().connections + second.health().connections > 2);
  given.system.stop_following();
}

}  // namespace muster::test
