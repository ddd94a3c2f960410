// Actions on their way through a real broker: out to the device, and back what it says.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "broker-bridge/channel/topic.h"
#include "core/domain/actions/queue.h"
#include "projections/reader.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr auto soon = 10s;

/// A bridged fleet, whose devices a client speaks for.
struct Commanded {
  Commanded() { given.start(); }

  void born(const Uuid& uuid, const std::string& boot = "b1") {
    const std::string session = to_string(random_uuid());
    sessions[uuid] = session;
    client->say(up_topic(uuid, UpKind::presence),
                fmt::format(R"({{"online":true,"session":"{}","boot":"{}","os_version":"6.1.0",)"
                            R"("os_variant":"prod","agent_version":"1.1.0"}})",
                            session, boot));
    REQUIRE(comes_true(
        [&] { return given.look(uuid).presence == Presence::online && row(uuid).boot == boot; },
        soon));
  }

  void leaves(const Uuid& uuid) {
    client->say(up_topic(uuid, UpKind::presence),
                fmt::format(R"({{"online":false,"session":"{}"}})", sessions[uuid]));
    REQUIRE(comes_true([&] { return given.look(uuid).presence == Presence::offline; }, soon));
  }

  void ask(ActionKind kind, ActionOrder order = {}) {
    order.kind = kind;
    given.system.must(QueueAction{.order = order, .devices = {to_string(device)}, .fleet = {}});
  }
  void ask_fleet(ActionKind kind, ActionOrder order = {}) {
    order.kind = kind;
    given.system.must(QueueAction{.order = order, .devices = {}, .fleet = fleet});
  }

  /// The actions `uuid` was told, once they are as many.
  std::vector<Json> told(const Uuid& uuid, std::size_t count) {
    REQUIRE(comes_true([&] { return client->count(action_topic(uuid)) >= count; }, soon));
    std::vector<Json> actions;
    for (const std::string& text : client->all(action_topic(uuid))) {
      actions.push_back(Json::parse(text));
    }
    REQUIRE(actions.size() == count);
    return actions;
  }

  void ack(const Uuid& uuid, const Json& action, std::string_view state) {
    client->say(up_topic(uuid, UpKind::ack), Json{{"epoch", action["epoch"]},
                                                  {"n", action["n"]},
                                                  {"id", action["id"]},
                                                  {"state", state},
                                                  {"boot", "b1"}}
                                                 .dump());
  }

  Device row(const Uuid& uuid) { return Reader(given.system.store()).find_device(uuid).value(); }

  /// How many actions are open for the device.
  std::size_t open(const Uuid& uuid) {
    const Reader reader(given.system.store());
    const Device its_row = reader.find_device(uuid).value();
    const auto own = reader.find_queue(its_row.id);
    const auto of_fleet = reader.find_actions(its_row.fleet);
    return queue_of(its_row, own ? &*own : nullptr, of_fleet ? &*of_fleet : nullptr).size();
  }
  bool has_open(const Uuid& uuid, std::size_t count) {
    return comes_true([&] { return open(uuid) == count; }, soon);
  }

  Broker broker;
  Bridged given{broker};
  std::string fleet = given.system.fleet("thermo");
  Uuid device = given.system.device(fleet);
  std::map<Uuid, std::string> sessions;
  std::optional<Watcher> client{std::in_place, broker.port(), broker.login()};
};

}  // namespace

TEST_CASE_FIXTURE(Commanded,
                  "bridge actions: an offline device gets its queue when it comes, one "
                  "after the other") {
  ask(ActionKind::restart);
  ask(ActionKind::reboot);
  CHECK(has_open(device, 2));
  CHECK(client->count(action_topic(device)) == 0);
  born(device);
  const Json restart = told(device, 1).front();
  CHECK(restart["kind"] == "restart");
  CHECK(restart["attempt"] == 1);
  for (const char* state : {"delivered", "started", "succeeded"}) ack(device, restart, state);
  const Json reboot = told(device, 2).back();
  CHECK(reboot["kind"] == "reboot");
  CHECK(reboot["n"] > restart["n"]);
  ack(device, reboot, "succeeded");
  CHECK(has_open(device, 0));
  CHECK(told(device, 2).size() == 2);
}

TEST_CASE_FIXTURE(Commanded,
                  "bridge actions: an online device is told at once, and again after "
                  "each birth until it has answered") {
  born(device);
  ask(ActionKind::blink);
  const Json first = told(device, 1).front();
  born(device);
  const Json again = told(device, 2).back();
  CHECK(again["n"] == first["n"]);
  CHECK(again["id"] == first["id"]);
  CHECK(again["attempt"] == 2);
  ack(device, again, "succeeded");
  CHECK(has_open(device, 0));
  born(device);
  CHECK(told(device, 2).size() == 2);
}

TEST_CASE_FIXTURE(Commanded, "bridge actions: wrong, double and late answers change nothing") {
  born(device);
  ask(ActionKind::restart);
  const Json action = told(device, 1).front();
  for (const auto& [member, value] :
       {std::pair<const char*, Json>{"epoch", 9}, {"n", 1}, {"id", "01JD4Z6V8M3N9Q2R5T7W0X1Y2Z"}}) {
    Json wrong = action;
    wrong[member] = value;
    ack(device, wrong, "succeeded");
  }
  client->say(up_topic(device, UpKind::ack), "rubbish");
  CHECK(comes_true([&] { return given.health().refused >= 2; }, soon));
  CHECK(open(device) == 1);
  ack(device, action, "succeeded");
  CHECK(has_open(device, 0));
  const Sequence head = given.system.log().head();
  ack(device, action, "succeeded");
  ack(device, action, "failed");
  ask(ActionKind::blink);
  CHECK(told(device, 2).back()["kind"] == "blink");
  CHECK(given.system.log().head().value() == head.value() + 2);  // Queued and published.
}

TEST_CASE_FIXTURE(Commanded,
                  "bridge actions: what was sent is withdrawn by a cancel, which the "
                  "device answers") {
  born(device);
  ask(ActionKind::restart);
  const Json action = told(device, 1).front();
  const Sequence n{action["n"].get<std::uint64_t>()};
  given.system.must(CancelAction{.action = "it", .devices = {{row(device).id, n}}, .fleets = {}});
  REQUIRE(comes_true([&] { return client->count(cancel_topic(device)) == 1; }, soon));
  const Json cancel = Json::parse(client->last(cancel_topic(device)));
  CHECK(cancel["n"] == action["n"]);
  CHECK(cancel["id"] == action["id"]);
  CHECK(open(device) == 1);
  ack(device, cancel, "cancelled");
  CHECK(has_open(device, 0));
}

TEST_CASE_FIXTURE(Commanded,
                  "bridge actions: one for a fleet reaches all its devices that are "
                  "online, and the others when they come") {
  const Uuid second = given.system.device(fleet);
  const Uuid stranger = given.system.device(given.system.fleet("other"));
  born(device);
  born(stranger);
  ask_fleet(ActionKind::restart);
  const Json action = told(device, 1).front();
  CHECK(client->count(action_topic(second)) == 0);
  born(second);
  CHECK(told(second, 1).front()["n"] == action["n"]);
  ack(device, action, "succeeded");
  ack(second, action, "failed");
  CHECK(has_open(device, 0));
  CHECK(has_open(second, 0));
  const Uuid late = given.system.device(fleet);
  born(late);
  CHECK(client->count(action_topic(late)) == 0);
  CHECK(client->count(action_topic(stranger)) == 0);
}

TEST_CASE_FIXTURE(Commanded, "bridge actions: a careful one goes to one device at a time") {
  std::vector<Uuid> devices{device};
  for (int i = 0; i < 3; ++i) devices.push_back(given.system.device(fleet));
  for (const Uuid& uuid : devices) born(uuid);
  ask_fleet(ActionKind::restart, {.max_parallel = 1, .stop_after_failures = 1});
  const auto told_in_all = [&] {
    std::size_t all = 0;
    for (const Uuid& uuid : devices) all += client->count(action_topic(uuid));
    return all;
  };
  for (std::size_t count = 1; count <= devices.size(); ++count) {
    REQUIRE(comes_true([&] { return told_in_all() == count; }, soon));
    for (const Uuid& uuid : devices) {
      if (client->count(action_topic(uuid)) == 0 || open(uuid) == 0) continue;
      ack(uuid, Json::parse(client->last(action_topic(uuid))), "succeeded");
      CHECK(has_open(uuid, 0));
      break;
    }
  }
  CHECK(told_in_all() == devices.size());
}

TEST_CASE_FIXTURE(Commanded, "bridge actions: behind a shutdown waits for another boot") {
  born(device);
  ask(ActionKind::shutdown);
  ask(ActionKind::blink);
  ack(device, told(device, 1).front(), "started");
  REQUIRE(comes_true(
      [&] {
        const auto queue = Reader(given.system.store()).find_queue(row(device).id);
        return queue && queue->open.front().state == ActionState::started;
      },
      soon));
  leaves(device);
  CHECK(has_open(device, 1));
  born(device);
  CHECK(told(device, 1).size() == 1);
  born(device, "b2");
  CHECK(told(device, 2).back()["kind"] == "blink");
}

TEST_CASE_FIXTURE(Commanded,
                  "bridge actions: after a power cut of the broker it goes on where it was") {
  born(device);
  ask(ActionKind::restart);
  const Json action = told(device, 1).front();
  const auto connections = given.health().connections;
  broker.kill();
  client.emplace(broker.port(), broker.login());
  ask(ActionKind::blink);
  REQUIRE(comes_true([&] { return given.health().connections > connections; }, soon));
  CHECK(client->count(action_topic(device)) == 0);
  born(device);
  const Json again = told(device, 1).front();
  CHECK(again["n"] == action["n"]);
  CHECK(again["attempt"] == 2);
  ack(device, again, "succeeded");
  CHECK(told(device, 2).back()["kind"] == "blink");
}

}  // namespace muster::test
