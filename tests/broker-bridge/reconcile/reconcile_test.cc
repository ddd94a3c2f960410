// The real bridge, log, views and mosquitto, and somebody who meddles with the retained targets.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <future>

#include "broker-bridge/channel/topic.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;

std::future<Result<ReconcileReport>> ask(Bridged& given) {
  auto promise = std::make_shared<std::promise<Result<ReconcileReport>>>();
  given.bridge->reconcile(
      [promise](Result<ReconcileReport> report) { promise->set_value(std::move(report)); });
  return promise->get_future();
}

ReconcileCounts reconcile(Bridged& given) {
  auto answer = ask(given);
  REQUIRE(answer.wait_for(60s) == std::future_status::ready);
  const auto report = answer.get();
  REQUIRE_MESSAGE(report.has_value(), report.error().message);
  return report->counts;
}

std::string target_of_sequence(std::uint64_t sequence) {
  return fmt::format(R"({{"v":1,"epoch":{},"seq":{},"release":null}})", System::epoch, sequence);
}

/// Counts what the broker has taken.
struct Counter final : MqttListener {
  void on_message(MqttMessage /*message*/) override {}
  void on_delivered(DeliveryId /*id*/) override { ++taken; }
  void on_lost(std::string /*reason*/) override {}
  std::atomic<std::size_t> taken{0};
};

/// Publishes all at once.
void retain(const Broker& broker, const std::vector<MqttMessage>& messages) {
  Counter counter;
  MqttClient client({.host = "127.0.0.1",
                     .port = broker.port(),
                     .client_id = "meddler",
                     .username = broker.login().username,
                     .password = broker.login().password,
                     .will = {},
                     .in_flight_max = 5'000},
                    counter);
  REQUIRE(client.connect(10s).has_value());
  for (const MqttMessage& message : messages) REQUIRE(client.publish(message, 0).has_value());
  REQUIRE(comes_true([&] { return counter.taken == messages.size(); }, 30s));
}

}  // namespace

TEST_CASE("bridge: a reconciliation mends what somebody did to the broker") {
  const Broker broker;
  Bridged given(broker);
  const std::string fleet = given.system.fleet("thermo");
  std::vector<Uuid> devices;
  devices.reserve(10);
  for (int i = 0; i < 10; ++i) devices.push_back(given.system.device(fleet));
  given.system.pin(fleet, given.system.release(fleet, "aa"));
  given.start();
  Watcher watcher(broker.port(), broker.login());
  REQUIRE(given.settled(watcher));
  CHECK(reconcile(given) == ReconcileCounts{.retained = 10});

  const Uuid stranger = random_uuid();
  watcher.say(target_topic(devices[0]), target_of_sequence(1), true);
  watcher.say(target_topic(devices[1]), "", true);
  watcher.say(target_topic(devices[2]), "rubbish", true);
  watcher.say(target_topic(stranger), target_of_sequence(1), true);
  watcher.say("muster/v1/d/nobody/target", "x", true);
  CHECK(reconcile(given) ==
        ReconcileCounts{.retained = 11, .missing = 1, .older = 1, .unreadable = 1, .cleared = 2});
  const Watcher later(broker.port(), broker.login());
  CHECK(comes_true([&] { return given.has_all_targets(later); }, 5s));
  CHECK(later.count(target_topic(stranger)) == 0);
  CHECK(later.count("muster/v1/d/nobody/target") == 0);
  CHECK(reconcile(given) == ReconcileCounts{.retained = 10});
  CHECK(given.health().alarm.empty());

  const std::string newer = target_of_sequence(1'000'000);
  watcher.say(target_topic(devices[3]), newer, true);
  CHECK(reconcile(given) == ReconcileCounts{.retained = 10, .newer = 1});
  const auto alarmed = [&] {  // The health is published after the answer.
    return given.health().alarm.find(target_topic(devices[3])) != std::string::npos;
  };
  CHECK(comes_true(alarmed, 5s));
  CHECK(given.health().reconciled->counts.newer == 1);
  CHECK(watcher.last(target_topic(devices[3])) == newer);

  watcher.say(target_topic(devices[3]), "", true);
  CHECK(reconcile(given) == ReconcileCounts{.retained = 9, .missing = 1});
  CHECK(comes_true([&] { return given.health().alarm.empty(); }, 5s));
}

TEST_CASE("bridge: two thousand cleared targets are published again, strange ones are cleared") {
  constexpr std::size_t count = 2'000;
  const Broker broker;
  Bridged given(broker);
  const std::string fleet = given.system.fleet("thermo");
  std::vector<Uuid> devices;
  devices.reserve(count);
  for (std::size_t i = 0; i < count; ++i) devices.push_back(given.system.device(fleet));
  given.start();
  const Watcher watcher(broker.port(), broker.login());
  REQUIRE(given.settled(watcher));
  std::vector<MqttMessage> messages;
  messages.reserve(count + 200);
  for (const Uuid& device : devices) messages.push_back({target_topic(device), "", true});
  for (int i = 0; i < 200; ++i) messages.push_back({target_topic(random_uuid()), "x", true});
  retain(broker, messages);
  CHECK(reconcile(given) == ReconcileCounts{.retained = 200, .missing = count, .cleared = 200});
  CHECK(reconcile(given) == ReconcileCounts{.retained = count});
}

TEST_CASE("bridge: a second reconciliation waits its turn, and none runs without a broker") {
  Broker broker;
  Bridged given(broker);
  auto early = ask(given).get();
  REQUIRE_FALSE(early.has_value());
  CHECK(early.error().code == ErrorCode::unavailable);
  given.start();
  auto first = ask(given);
  const auto second = ask(given).get();
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().message.find("already") != std::string::npos);
  broker.stop();
  REQUIRE(first.wait_for(60s) == std::future_status::ready);
  const auto ended = first.get();
  REQUIRE_FALSE(ended.has_value());
  CHECK(ended.error().code == ErrorCode::unavailable);
}

TEST_CASE("bridge: it reconciles by itself after the first connection, and again in time") {
  const Broker broker;
  Bridged given(broker, {}, 100ms);
  const Uuid device = given.system.device(given.system.fleet("thermo"));
  Watcher watcher(broker.port(), broker.login());
  given.start();
  CHECK(comes_true([&] { return given.health().reconciled.has_value(); }, 30s));
  REQUIRE(given.settled(watcher));
  watcher.say(target_topic(device), "", true);
  CHECK(comes_true([&] { return given.has_all_targets(watcher); }, 30s));
}

}  // namespace muster::test
