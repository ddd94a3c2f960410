#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker-bridge/credentials/refusal_cause.h"
#include "core/base/error.h"
#include "core/base/uuid.h"

namespace muster {

// What the bridge and our broker plugin say to each other, as lines of text
// (docs/broker-plugin.md). Only the bridge may use these topics.

/// Requests of the bridge.
inline constexpr std::string_view control_topic = "$CONTROL/muster/v1";

/// The plugin's answers, and what it says by itself.
inline constexpr std::string_view control_response_topic = "$CONTROL/muster/v1/response";

/// The bridge's user name.
inline constexpr std::string_view bridge_username = "muster-bridge";

/// Both directions; a broker may refuse larger packets.
inline constexpr std::size_t control_size_max = std::size_t{16} * 1024;

/// As a minimum: no key is good at all.
inline constexpr std::uint64_t no_generation = UINT64_MAX;

// --- Requests: steps that are taken in their order ---

/// Begins a new table of keys, beside the one in use.
struct BeginTable {
  friend bool operator==(const BeginTable&, const BeginTable&) = default;
};

/// Keys of the device older than `generation` are refused. Outside of a new table its connection
/// with such a key is closed at once.
struct SetMinimum {
  Uuid device;
  std::uint64_t generation = 0;

  friend bool operator==(const SetMinimum&, const SetMinimum&) = default;
};

/// Say KeyUsed when the device is connected with a key of `generation` or newer.
struct WatchKey {
  Uuid device;
  std::uint64_t generation = 0;

  friend bool operator==(const WatchKey&, const WatchKey&) = default;
};

/// Closes the device's connection; its will is not sent.
struct KickDevice {
  Uuid device;

  friend bool operator==(const KickDevice&, const KickDevice&) = default;
};

/// The new table is whole: use it, close connections that it refuses, and let devices in.
struct OpenGate {
  friend bool operator==(const OpenGate&, const OpenGate&) = default;
};

using ControlStep = std::variant<BeginTable, SetMinimum, WatchKey, KickDevice, OpenGate>;

struct ControlRequest {
  std::uint64_t id = 0;  // Comes back in the answer.
  std::vector<ControlStep> steps;
};

// --- What the plugin says ---

struct ControlAnswer {
  std::uint64_t id = 0;
  std::string problem;  // Empty: done. Else nothing was done.

  friend bool operator==(const ControlAnswer&, const ControlAnswer&) = default;
};

/// A watched device is connected with a key of this generation.
struct KeyUsed {
  Uuid device;
  std::uint64_t generation = 0;

  friend bool operator==(const KeyUsed&, const KeyUsed&) = default;
};

/// Connects in a device's name that were refused since this was said last.
struct ConnectsRefused {
  Uuid device;
  RefusalCause cause = RefusalCause::not_ready;  // Of the last one.
  std::uint64_t count = 0;
  std::int64_t last_s = 0;  // Since 1970.

  friend bool operator==(const ConnectsRefused&, const ConnectsRefused&) = default;
};

using ControlNotice = std::variant<ControlAnswer, KeyUsed, ConnectsRefused>;

[[nodiscard]] std::string render(const ControlRequest& request);
[[nodiscard]] std::string render(std::span<const ControlNotice> notices);

/// Errors: invalid_input, naming the line.
[[nodiscard]] Result<ControlRequest> parse_control_request(std::string_view text);
[[nodiscard]] Result<std::vector<ControlNotice>> parse_control_notices(std::string_view text);

}  // namespace muster
