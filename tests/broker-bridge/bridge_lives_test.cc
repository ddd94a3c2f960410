// Devices that are deactivated, deleted or orphaned: the real bridge, log, views, and mosquitto
// with our plugin.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "broker-bridge/channel/topic.h"
#include "projections/reader.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;

/// A device's own connection: what it hears of its target, and whether it was put out.
class Connected final : public MqttListener {
 public:
  Connected(const Broker& broker, const Uuid& device, Sequence generation)
      : client_({.host = "127.0.0.1",
                 .port = broker.port(),
                 .client_id = to_string(device),
                 .username = to_string(device),
                 .password = broker.token(device, generation),
                 .will = MqttMessage{.topic = up_topic(device, UpKind::presence),
                                     .payload = R"({"online":false,"session":"s1"})"}},
                *this) {
    is_in = client_.connect(5s).has_value();
    const std::vector<std::string> filters{target_topic(device)};
    if (is_in) REQUIRE(client_.subscribe(filters, 5s).has_value());
  }

  void on_message(MqttMessage message) override {
    if (message.payload.empty()) heard_clearing = true;
  }
  void on_delivered(DeliveryId) override {}
  void on_lost(std::string) override { was_put_out = true; }

  bool is_in = false;
  std::atomic<bool> was_put_out = false;
  std::atomic<bool> heard_clearing = false;

 private:
  MqttClient client_;
};

/// A fleet with devices that all have their targets.
struct Fleet20 {
  Fleet20() : fleet(given.system.fleet("thermo")) {
    given.system.pin(fleet, given.system.release(fleet, "aa"));
    for (int i = 0; i < 20; ++i) devices.push_back(given.system.device(fleet));
    given.start();
    REQUIRE(given.settled(watcher));
  }

  [[nodiscard]] Sequence generation(const Uuid& device) {
    return Reader(given.system.store()).find_device(device).value().key_generation;
  }
  /// True if what the broker has of the device's target goes.
  [[nodiscard]] bool is_cleared(const Uuid& device) {
    const auto last_is_empty = [&] {
      const auto all = watcher.all(target_topic(device));
      return !all.empty() && all.back().empty();
    };
    return comes_true(last_is_empty, 10s);
  }
  void run(CommandBody body, std::optional<std::uint64_t> count = {}) {
    std::atomic<bool> done = false;
    Command command{.actor = {UserId{1}, TokenId{1}},
                    .id = random_ulid(given.system.clock().now()),
                    .expect_count = count,
                    .confirmed = true,
                    .body = std::move(body)};
    const auto queued = given.system.engine().submit(std::move(command), [&](const Outcome& o) {
      CHECK(o.has_value());
      done = true;
    });
    REQUIRE(queued.has_value());
    REQUIRE(comes_true([&] { return done.load(); }, 5s));
  }

  Broker broker;
  Bridged given{broker};
  Watcher watcher{broker.port(), broker.login()};
  std::string fleet;
  std::vector<Uuid> devices;
};

}  // namespace

TEST_CASE("bridge: a deleted device is put out first, then its target is cleared") {
  Fleet20 thermo;
  const Uuid gone = thermo.devices[3];
  const Sequence old = thermo.generation(gone);
  Connected device(thermo.broker, gone, old);
  REQUIRE(device.is_in);
  thermo.run(DeleteDevices{.devices = {to_string(gone)}});
  CHECK(comes_true([&] { return device.was_put_out.load(); }, 5s));
  CHECK(thermo.is_cleared(gone));
  CHECK_FALSE(device.heard_clearing);
  CHECK_FALSE(Connected(thermo.broker, gone, old).is_in);
  CHECK(thermo.given.settled(thermo.watcher));
  CHECK(thermo.given.has_all_targets(thermo.watcher));
}

TEST_CASE("bridge: a deleted uuid that registers again is let in with its new key only") {
  Fleet20 thermo;
  const Uuid uuid = thermo.devices[3];
  const Sequence old = thermo.generation(uuid);
  thermo.run(DeleteDevices{.devices = {to_string(uuid)}});
  thermo.run(RegisterDevice{.fleet = thermo.fleet, .uuid = uuid});
  REQUIRE(thermo.given.settled(thermo.watcher));
  CHECK(thermo.given.has_all_targets(thermo.watcher));
  CHECK_FALSE(Connected(thermo.broker, uuid, old).is_in);
  CHECK(Connected(thermo.broker, uuid, thermo.generation(uuid)).is_in);
}

TEST_CASE("bridge: the devices of a deleted fleet are put out and cleared, those of others stay") {
  Fleet20 thermo;
  const std::string other = thermo.given.system.fleet("kiosk");
  const Uuid stays = thermo.given.system.device(other);
  REQUIRE(thermo.given.settled(thermo.watcher));
  Connected first(thermo.broker, thermo.devices.front(), thermo.generation(thermo.devices.front()));
  Connected neighbour(thermo.broker, stays, thermo.generation(stays));
  thermo.run(DeleteFleet{thermo.fleet}, 20);
  CHECK(comes_true([&] { return first.was_put_out.load(); }, 5s));
  for (const Uuid& device : thermo.devices) CHECK(thermo.is_cleared(device));
  CHECK_FALSE(first.heard_clearing);
  CHECK(thermo.given.settled(thermo.watcher));
  CHECK_FALSE(neighbour.was_put_out);
  CHECK(thermo.given.has_all_targets(thermo.watcher));
}

TEST_CASE("bridge: a broker that was away lets in no deleted and no orphaned device") {
  Fleet20 thermo;
  const Uuid gone = thermo.devices[3];
  const Uuid orphan = thermo.devices[4];
  const Sequence old = thermo.generation(gone);
  thermo.run(DeleteDevices{.devices = {to_string(gone)}});
  thermo.run(DeleteFleet{thermo.fleet}, 19);
  const auto before = thermo.given.health().connections;
  thermo.broker.kill();
  REQUIRE(comes_true([&] { return thermo.given.health().connections > before; }, 20s));
  CHECK_FALSE(Connected(thermo.broker, gone, old).is_in);
  CHECK_FALSE(Connected(thermo.broker, orphan, thermo.generation(orphan)).is_in);
}

TEST_CASE("bridge: a deactivated device keeps its key, and its next birth brings its target back") {
  Fleet20 thermo;
  const Uuid uuid = thermo.devices[3];
  thermo.run(SetBilling{.organisation = "acme", .valid = true});
  const DeviceId id = Reader(thermo.given.system.store()).find_device(uuid).value().id;
  thermo.run(DeactivateDevices{.devices = {to_string(uuid)}, .selected = {}, .offline = {id}});
  REQUIRE(thermo.is_cleared(uuid));
  REQUIRE(thermo.given.settled(thermo.watcher));
  CHECK(Connected(thermo.broker, uuid, thermo.generation(uuid)).is_in);
  thermo.watcher.say(up_topic(uuid, UpKind::presence),
                     R"({"online":true,"session":"s1","boot":"b1"})");
  const auto is_active = [&] {
    return Reader(thermo.given.system.store()).find(id).value().lifecycle == Lifecycle::active;
  };
  REQUIRE(comes_true(is_active, 5s));
  CHECK(thermo.given.settled(thermo.watcher));
  CHECK(thermo.given.has_all_targets(thermo.watcher));
}

TEST_CASE("bridge: what a fleet sets for all is told to those that it changes something for") {
  Fleet20 thermo;
  thermo.run(SetPublicUrl{.devices = {to_string(thermo.devices[3])}, .enabled = true});
  REQUIRE(thermo.given.settled(thermo.watcher));
  const auto published = thermo.given.health().published;
  thermo.run(SetFleetPublicUrls{.fleet = thermo.fleet, .enabled = true});
  REQUIRE(thermo.given.settled(thermo.watcher));
  CHECK(thermo.given.health().published == published + 19);
  CHECK(thermo.given.has_all_targets(thermo.watcher));
}

}  // namespace muster::test
