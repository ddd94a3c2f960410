#pragma once

#include <algorithm>
#include <optional>

#include "core/domain/entities.h"
#include "core/domain/lifecycle/settings.h"

namespace muster {

/// What a device should run, and since which event.
struct Target {
  const Release* release = nullptr;  // Null: none. Points into the caller's rows.
  bool pinned = false;               // By the device's own pin.
  bool told = true;                  // False: it gets none, and what the broker has is cleared.
  Sequence after_action;             // Not before this purge is done; 0: at once.
  DeviceSettings settings;
  Change changed;  // The last event that changed what this device is told: its `seq` and `at`.
};

/// The id of the release `device` should run: its pin, else its fleet's target, else none.
[[nodiscard]] inline std::optional<ReleaseId> target_release(const Device& device,
                                                             const Fleet& fleet) noexcept {
  return device.pin ? device.pin : fleet.target;
}

/// The target of `device` in `fleet`, its own. `release` is the row of target_release, or null.
/// The rows must be of one moment: rows of different moments give a `seq` that never was.
[[nodiscard]] Target target_of(const Device& device, const Fleet& fleet, const Release* release);

/// The last event that changed the bytes of the message with `target` to `device`. Another
/// encoding is no other target: it moves this, but not `target.changed`.
[[nodiscard]] inline Sequence message_changed(const Device& device, const Target& target) noexcept {
  return std::max(target.changed.sequence, device.encoding_changed);
}

}  // namespace muster
