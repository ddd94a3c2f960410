#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.h"

namespace muster {

// The topics of the device channel, version 1 (docs/device-channel.md). No fleet in any of them:
// a moved device keeps its topics.

/// All of them begin so.
inline constexpr std::string_view topic_root = "muster/v1/";

/// Those of a device have its uuid next.
inline constexpr std::string_view device_root = "muster/v1/d/";

/// Retained: is the server's side alive, and which instance of it.
inline constexpr std::string_view bridge_topic = "muster/v1/sys/bridge";

/// Retained: up to which sequence the broker has every target.
inline constexpr std::string_view marker_topic = "muster/v1/sys/marker";

/// The bridge's own: what it publishes here must come back to it.
inline constexpr std::string_view probe_topic = "muster/v1/sys/probe";

std::string target_topic(const Uuid& device);
std::string action_topic(const Uuid& device);
std::string cancel_topic(const Uuid& device);

/// What a device says about itself.
enum class UpKind { ack, state, presence };

/// The last level of the topic: `ack`, `state` or `presence`.
std::string_view to_string(UpKind kind) noexcept;

std::string up_topic(const Uuid& device, UpKind kind);

struct UpTopic {
  Uuid device;
  UpKind kind = UpKind::ack;

  friend bool operator==(const UpTopic&, const UpTopic&) = default;
};

/// nullopt unless `topic` is exactly one that up_topic makes.
std::optional<UpTopic> parse_up_topic(std::string_view topic);

/// The device of a target topic; nullopt unless `topic` is exactly one that target_topic makes.
std::optional<Uuid> parse_target_topic(std::string_view topic);

/// What the bridge subscribes to: everything devices say, its own marker and its probe.
std::vector<std::string> bridge_filters();

/// Matches the targets of all devices, to compare what the broker holds with the log.
inline constexpr std::string_view all_targets_filter = "muster/v1/d/+/target";

/// What one device subscribes to.
std::vector<std::string> device_filters(const Uuid& device);

}  // namespace muster
