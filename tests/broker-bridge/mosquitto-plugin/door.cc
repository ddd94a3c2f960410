#include "tests/broker-bridge/mosquitto-plugin/door.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

namespace muster::test {

using namespace std::chrono_literals;

void Ears::on_message(MqttMessage message) {
  const std::lock_guard lock(mutex_);
  messages_.push_back(std::move(message));
}

void Ears::on_delivered(DeliveryId /*id*/) {
  const std::lock_guard lock(mutex_);
  ++delivered_;
}

void Ears::on_lost(std::string /*reason*/) {
  const std::lock_guard lock(mutex_);
  lost_ = true;
}

std::vector<MqttMessage> Ears::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

bool Ears::heard(const std::string& topic, const std::string& payload) const {
  const auto all = messages();
  return std::ranges::any_of(all, [&](const MqttMessage& message) {
    return message.topic == topic && message.payload == payload;
  });
}

std::size_t Ears::delivered() const {
  const std::lock_guard lock(mutex_);
  return delivered_;
}

bool Ears::is_lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

bool Visitor::may_say(const std::string& topic, const std::string& payload, bool retain) {
  const std::size_t before = ears.delivered();
  const auto sent = client->publish({.topic = topic, .payload = payload, .retain = retain}, before);
  REQUIRE_MESSAGE(sent.has_value(), sent.error().message);
  REQUIRE(comes_true([&] { return ears.delivered() > before || ears.is_lost(); }, 10s));
  return ears.delivered() > before;
}

void Visitor::say(const std::string& topic, const std::string& payload, bool retain) {
  REQUIRE(may_say(topic, payload, retain));
}

bool Visitor::may_subscribe(const std::string& filter) {
  const std::vector<std::string> filters{filter};
  return client->subscribe(filters, 10s).has_value();
}

Door::Door() {
  auto started = EmbeddedBroker::start(broker_options(folder.path() / "run", key, log), nullptr);
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  broker = std::move(*started);
  connect_bridge();
}

void Door::connect_bridge() {
  MqttOptions options;
  options.host = "127.0.0.1";
  options.port = broker->port();
  options.client_id = to_string(log);
  options.username = broker->login().username;
  options.password = broker->login().password;
  bridge = come(options);
  REQUIRE(bridge != nullptr);
  REQUIRE(bridge->may_subscribe("muster/v1/#"));
  REQUIRE(bridge->may_subscribe(std::string(control_response_topic)));
}

void Door::ask(std::vector<ControlStep> steps) {
  const ControlRequest request{.id = ++asked_, .steps = std::move(steps)};
  bridge->say(std::string(control_topic), render(request));
  REQUIRE(comes_true([&] { return says(fmt::format("done {}\n", request.id)); }, 10s));
}

void Door::kill() {
  const int before = broker->restarts();
  REQUIRE(::kill(broker->pid(), SIGKILL) == 0);
  REQUIRE(comes_true([&] { return broker->restarts() > before && broker->pid() != 0; }, 20s));
}

std::string Door::token(const Uuid& device, std::uint64_t generation) const {
  return key.sign({.issuer = log, .subject = device, .generation = generation, .expires_at = {}});
}

MqttOptions Door::as(const Uuid& device, const std::string& password) const {
  MqttOptions options;
  options.host = "127.0.0.1";
  options.port = broker->port();
  options.client_id = to_string(device);
  options.username = to_string(device);
  options.password = password;
  return options;
}

std::unique_ptr<Visitor> Door::come(const MqttOptions& options) {
  auto visitor = std::make_unique<Visitor>();
  visitor->client = std::make_unique<MqttClient>(options, visitor->ears);
  const auto connected = visitor->client->connect(10s);
  if (connected) return visitor;
  CHECK(connected.error().code == ErrorCode::invalid_input);
  return nullptr;
}

bool Door::says(const std::string& words) const {
  const auto all = bridge->ears.messages();
  return std::ranges::any_of(all, [&](const MqttMessage& message) {
    return message.topic == control_response_topic &&
           message.payload.find(words) != std::string::npos;
  });
}

}  // namespace muster::test
