#include "broker-bridge/devices/device_messages.h"

#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

constexpr std::size_t devices_max = 200'000;
constexpr std::size_t presences_max = 4;  // Of a device.
constexpr std::size_t acks_max = 8;       // Of a device.

}  // namespace

bool DeviceMessages::add(MqttMessage message) {
  const auto up = parse_up_topic(message.topic);
  const bool fits = up && message.payload.size() <= inbound_size_max;
  if (!fits || said_.size() >= devices_max) return false;
  const auto [entry, added] = said_.try_emplace(up->device);
  if (added) order_.push_back(up->device);
  FromDevice& slot = entry->second;
  if (up->kind == UpKind::state) {
    slot.state = std::move(message.payload);
    return true;
  }
  auto& kept = up->kind == UpKind::ack ? slot.acks : slot.presences;
  const std::size_t most = up->kind == UpKind::ack ? acks_max : presences_max;
  if (kept.size() == most) kept.erase(kept.begin());
  kept.push_back(std::move(message.payload));
  return true;
}

std::vector<std::pair<Uuid, FromDevice>> DeviceMessages::take(std::size_t devices) {
  std::vector<std::pair<Uuid, FromDevice>> taken;
  while (!order_.empty() && taken.size() < devices) {
    auto node = said_.extract(order_.front());
    order_.pop_front();
    taken.emplace_back(node.key(), std::move(node.mapped()));
  }
  return taken;
}

void DeviceMessages::clear() {
  said_.clear();
  order_.clear();
}

}  // namespace muster
