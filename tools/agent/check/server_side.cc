#include "tools/agent/check/server_side.h"

#include <fmt/format.h>

#include <chrono>

#include "broker-bridge/channel/topic.h"
#include "tools/agent/check/check_codec.h"

namespace muster::agent {
namespace {

constexpr std::chrono::milliseconds answer_timeout{5'000};
constexpr std::uint64_t epoch = 1;

}  // namespace

ServerSide::ServerSide(const std::string& host, std::uint16_t port, const Uuid& device)
    : device_(device),
      client_({.host = host,
               .port = port,
               .client_id = to_string(random_uuid()),
               .username = {},
               .password = {},
               .will = {}},
              *this) {}

Result<std::unique_ptr<ServerSide>> ServerSide::connect(const std::string& host, std::uint16_t port,
                                                        const Uuid& device) {
  std::unique_ptr<ServerSide> side(new ServerSide(host, port, device));
  if (auto done = side->client_.connect(answer_timeout); !done) {
    return tl::unexpected(done.error());
  }
  return side;
}

Result<void> ServerSide::send(const CheckTarget& target, bool retain) {
  return send_raw_target(encode_check_target(target, encoding_), retain);
}

Result<void> ServerSide::send_raw_target(const std::string& payload, bool retain) {
  return publish(target_topic(device_), payload, retain);
}

Result<void> ServerSide::send_raw_bridge(const std::string& payload) {
  return publish(std::string(bridge_topic), payload, false);
}

Result<void> ServerSide::send(const CheckAction& action) {
  return publish(action_topic(device_), encode_check_action(action, encoding_), false);
}

Result<void> ServerSide::send_cancel(const CheckAction& action) {
  return publish(cancel_topic(device_), encode_check_cancel(action, encoding_), false);
}

Result<void> ServerSide::send_raw_action(const std::string& payload) {
  if (auto sent = publish(action_topic(device_), payload, false); !sent) return sent;
  return publish(cancel_topic(device_), payload, false);
}

Result<void> ServerSide::say_alive(const std::string& instance, unsigned spread_s) {
  return publish(std::string(bridge_topic),
                 fmt::format(R"({{"online":true,"log":"{}","instance":"{}","epoch":{},)"
                             R"("spread_s":{}}})",
                             std::string(32, '1'), instance, epoch, spread_s),
                 true);
}

void ServerSide::clear() {
  for (const auto& topic : {target_topic(device_), std::string(bridge_topic)}) {
    if (!publish(topic, {}, true)) return;
  }
  client_.disconnect(answer_timeout);
}

Result<void> ServerSide::publish(const std::string& topic, std::string payload, bool retain) {
  return client_.publish({.topic = topic, .payload = std::move(payload), .retain = retain}, 0);
}

void ServerSide::on_message(MqttMessage /*message*/) {}
void ServerSide::on_delivered(DeliveryId /*id*/) {}
void ServerSide::on_lost(std::string /*reason*/) {}

}  // namespace muster::agent
