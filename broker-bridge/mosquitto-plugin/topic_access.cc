#include "broker-bridge/mosquitto-plugin/topic_access.h"

#include <algorithm>
#include <array>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/credentials/control_message.h"

namespace muster {
namespace {

constexpr std::size_t payload_size_max = 16 * 1024;
constexpr std::array readable{std::string_view("target"), std::string_view("action"),
                              std::string_view("cancel")};
constexpr std::array up_kinds{UpKind::ack, UpKind::state, UpKind::presence};
constexpr std::string_view up = "up/";

/// What follows the device's own part of `topic`; empty if it is not one of its topics.
std::string_view own_part(std::string_view device, std::string_view topic) {
  if (!topic.starts_with(device_root)) return {};
  topic.remove_prefix(device_root.size());
  if (!topic.starts_with(device)) return {};
  topic.remove_prefix(device.size());
  return topic.starts_with('/') ? topic.substr(1) : std::string_view();
}

}  // namespace

bool device_may_write(std::string_view device, const Publish& publish) {
  if (publish.retain || publish.payload_size > payload_size_max) return false;
  const auto own = own_part(device, publish.topic);
  if (!own.starts_with(up)) return false;
  const auto kind = own.substr(up.size());
  return std::ranges::any_of(up_kinds, [&](UpKind each) { return kind == to_string(each); });
}

bool device_may_read(std::string_view device, std::string_view topic) {
  if (topic == bridge_topic) return true;
  return std::ranges::find(readable, own_part(device, topic)) != readable.end();
}

bool bridge_may_use(std::string_view topic) {
  return topic.starts_with(topic_root) || topic == control_topic || topic == control_response_topic;
}

}  // namespace muster
