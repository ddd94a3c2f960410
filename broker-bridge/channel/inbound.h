#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker-bridge/presence.h"
#include "core/base/error.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/decide/command.h"
#include "core/domain/ids.h"

namespace muster {

/// A birth, a goodbye or a will.
struct PresenceReport {
  bool online = false;
  std::string session;
  std::string boot;
  std::optional<ReportDevice::Software> software;  // Only in births, and only if it says any.
  std::optional<Encoding> encoding;                // What it asks for; none: as before.
};

/// How far a device is with an action, or how it ended.
struct AckReport {
  std::uint64_t epoch = 0;
  Sequence n;
  Ulid id;
  ActionState state = ActionState::delivered;
  unsigned percent = 0;
  int code = 0;
  std::string message;
  std::string boot;
};

/// What a broker's marker says.
struct Marker {
  Uuid log;
  std::uint64_t epoch = 0;
  Sequence low_water;
};

/// Which state of a device's target a retained message is.
struct TargetVersion {
  std::uint64_t epoch = 0;
  Sequence sequence;
  Encoding encoding = Encoding::json;

  friend bool operator==(const TargetVersion&, const TargetVersion&) = default;
};

// A payload that begins with `{` is JSON, any other FlatBuffers (flat_codec.h); the bridge's own
// marker is always JSON. What comes from outside is believed only as far as it fits the contract:
// sizes and types are checked, unknown members ignored. Errors: invalid_input, saying what does not
// fit.
[[nodiscard]] Result<PresenceReport> parse_presence(std::string_view payload);
[[nodiscard]] Result<ProgressReport> parse_state(std::string_view payload);
[[nodiscard]] Result<AckReport> parse_ack(std::string_view payload);
[[nodiscard]] Result<Marker> parse_marker(std::string_view payload);

/// Of our own targets as the broker gives them back; quick, because there are many. Refuses what
/// does not begin as target_payload does, or is not whole.
[[nodiscard]] Result<TargetVersion> parse_target_version(std::string_view payload);

/// Larger payloads of devices are refused unread.
inline constexpr std::size_t inbound_size_max = 16'384;

}  // namespace muster
