#include "broker-bridge/channel/topic.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace muster {
namespace {

constexpr std::size_t uuid_digits = 32;
constexpr std::array up_kinds = {UpKind::ack, UpKind::state, UpKind::presence};

/// A device's topic taken apart: `rest` is what follows the uuid and its slash.
struct DeviceTopic {
  Uuid device;
  std::string_view rest;
};

std::optional<DeviceTopic> parse_device_topic(std::string_view topic) {
  if (!topic.starts_with(device_root)) {
    return std::nullopt;
  }
  topic.remove_prefix(device_root.size());
  if (topic.size() <= uuid_digits || topic[uuid_digits] != '/') {
    return std::nullopt;
  }
  const auto device = parse_uuid(topic.substr(0, uuid_digits));
  if (!device) {
    return std::nullopt;
  }
  return DeviceTopic{*device, topic.substr(uuid_digits + 1)};
}

std::string device_topic(const Uuid& device, std::string_view rest) {
  return fmt::format("{}{}/{}", device_root, to_string(device), rest);
}

}  // namespace

std::string target_topic(const Uuid& device) { return device_topic(device, "target"); }
std::string action_topic(const Uuid& device) { return device_topic(device, "action"); }
std::string cancel_topic(const Uuid& device) { return device_topic(device, "cancel"); }

std::string_view to_string(UpKind kind) noexcept {
  switch (kind) {
    case UpKind::ack:
      return "ack";
    case UpKind::state:
      return "state";
    case UpKind::presence:
      return "presence";
  }
  return "?";
}

std::string up_topic(const Uuid& device, UpKind kind) {
  return fmt::format("{}{}/up/{}", device_root, to_string(device), to_string(kind));
}

std::optional<UpTopic> parse_up_topic(std::string_view topic) {
  constexpr std::string_view up = "up/";
  const auto parsed = parse_device_topic(topic);
  if (!parsed || !parsed->rest.starts_with(up)) {
    return std::nullopt;
  }
  const std::string_view name = parsed->rest.substr(up.size());
  for (const UpKind kind : up_kinds) {
    if (name == to_string(kind)) {
      return UpTopic{parsed->device, kind};
    }
  }
  return std::nullopt;
}

std::optional<Uuid> parse_target_topic(std::string_view topic) {
  const auto parsed = parse_device_topic(topic);
  if (!parsed || parsed->rest != "target") {
    return std::nullopt;
  }
  return parsed->device;
}

std::vector<std::string> bridge_filters() {
  std::vector<std::string> filters;
  filters.reserve(up_kinds.size() + 2);
  for (const UpKind kind : up_kinds) {
    filters.push_back(fmt::format("{}+/up/{}", device_root, to_string(kind)));
  }
  filters.emplace_back(marker_topic);
  filters.emplace_back(probe_topic);
  return filters;
}

std::vector<std::string> device_filters(const Uuid& device) {
  return {target_topic(device), action_topic(device), cancel_topic(device),
          std::string(bridge_topic)};
}

}  // namespace muster
