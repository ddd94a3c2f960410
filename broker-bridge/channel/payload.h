#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.h"
#include "core/domain/entities.h"
#include "core/domain/eras.h"
#include "core/domain/ids.h"
#include "core/domain/target.h"

namespace muster {

/// Which log speaks, and since which restore of it.
struct LogIdentity {
  Uuid log;
  std::uint64_t epoch = 0;  // Of now.
  std::vector<Era> eras;    // Up to now; none: it was always this epoch.

  /// The epoch in which the event `at` was stored. An action keeps that of its creation.
  [[nodiscard]] std::uint64_t epoch_of(Sequence at) const {
    return eras.empty() ? epoch : epoch_at(eras, at);
  }
};

// Payloads of the device channel, version 1 (docs/device-channel.md). Pure functions of the
// state: the same state gives the same bytes.

/// What MQTT 5 is told of payloads in that form.
[[nodiscard]] std::string_view content_type_of(Encoding encoding) noexcept;

/// What a device should be: its retained `target`, as JSON.
[[nodiscard]] std::string target_payload(const LogIdentity& identity, const Fleet& fleet,
                                         const Target& target);

/// The same in the form the device asked for.
[[nodiscard]] std::string target_payload(const LogIdentity& identity, const Fleet& fleet,
                                         const Target& target, Encoding encoding);

/// The retained `sys/bridge`: alive, or as the bridge's will.
struct BridgeStatus {
  bool online = false;
  Uuid instance;
  unsigned spread_s = 30;
};
[[nodiscard]] std::string bridge_payload(const LogIdentity& identity, const BridgeStatus& status);

/// The retained `sys/marker`: every target change up to `low_water` is at the broker.
[[nodiscard]] std::string marker_payload(const LogIdentity& identity, Sequence low_water);

}  // namespace muster
