#include "tests/broker-bridge/watcher.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "broker-bridge/channel/topic.h"
#include "core/base/uuid.h"
#include "tests/support/broker_support.h"

namespace muster::test {

using muster::test::comes_true;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view all_actions_filter = "muster/v1/d/+/action";
constexpr std::string_view all_cancels_filter = "muster/v1/d/+/cancel";

}  // namespace

Watcher::Watcher(std::uint16_t port, const BrokerLogin& login) {
  MqttOptions options;
  options.host = "127.0.0.1";
  options.port = port;
  options.client_id = to_string(random_uuid());
  options.username = login.username;
  options.password = login.password;
  client_ = std::make_unique<MqttClient>(options, *this);
  const auto connected = client_->connect(10s);
  REQUIRE_MESSAGE(connected.has_value(), connected.error().message);
  const std::vector<std::string> filters{
      std::string(all_targets_filter), std::string(all_actions_filter),
      std::string(all_cancels_filter), std::string(bridge_topic), std::string(marker_topic)};
  const auto subscribed = client_->subscribe(filters, 10s);
  REQUIRE_MESSAGE(subscribed.has_value(), subscribed.error().message);
}

void Watcher::on_message(MqttMessage message) {
  const std::lock_guard lock(mutex_);
  heard_[message.topic].push_back(std::move(message.payload));
}

void Watcher::on_delivered(DeliveryId id) {
  const std::lock_guard lock(mutex_);
  delivered_ = id;
}

void Watcher::on_lost(std::string /*reason*/) {}

void Watcher::say(const std::string& topic, const std::string& payload, bool retain) {
  const auto sent =
      client_->publish({.topic = topic, .payload = payload, .retain = retain}, ++said_);
  REQUIRE_MESSAGE(sent.has_value(), sent.error().message);
  const bool arrived = comes_true(
      [this] {
        const std::lock_guard lock(mutex_);
        return delivered_ == said_;
      },
      10s);
  REQUIRE(arrived);
}

std::vector<std::string> Watcher::all(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = heard_.find(topic);
  return found == heard_.end() ? std::vector<std::string>() : found->second;
}

std::string Watcher::last(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = heard_.find(topic);
  return found == heard_.end() ? std::string() : found->second.back();
}

std::vector<std::string> Watcher::went_back() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> wrong;
  for (const auto& [topic, payloads] : heard_) {
    if (!parse_target_topic(topic)) continue;
    std::uint64_t newest = 0;
    for (const std::string& payload : payloads) {
      const auto sequence = nlohmann::json::parse(payload).at("seq").get<std::uint64_t>();
      if (sequence < newest) wrong.push_back(topic);
      newest = sequence;
    }
  }
  return wrong;
}

}  // namespace muster::test
