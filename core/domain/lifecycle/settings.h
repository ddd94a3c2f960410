#pragma once

#include <compare>
#include <optional>

#include "core/domain/entities.h"

namespace muster {

// The settings of a device, by its own row and that of its fleet. What a fleet sets for all of its
// devices is not written to their rows, so that it costs the same whatever their number.

/// Whether the device's public URL is on.
[[nodiscard]] bool has_public_url(const Device& device, const Fleet& fleet) noexcept;

/// What a device is told of its settings.
struct DeviceSettings {
  bool public_url = false;
  bool local_mode = false;
  bool lock_override = false;
  std::optional<Timestamp> support_until;  // Later of the device's own and its fleet's; also past.

  friend auto operator<=>(const DeviceSettings&, const DeviceSettings&) = default;
};

/// Settings, and the last event of the *fleet* that changed them; 0: none did.
struct SettingsOfDevice {
  DeviceSettings settings;
  Change changed;
};
[[nodiscard]] SettingsOfDevice settings_of(const Device& device, const Fleet& fleet);

/// Keeps the change in `fleet` for as long as it tells devices apart: those that had the value
/// before it from those that did not.
void stamp_urls(Fleet& fleet, UrlStamp stamp);

/// Writes to `device` what its fleet set for all. From `since` on only later changes of a fleet
/// concern it: it leaves the fleet, or comes back.
void settle(Device& device, const Fleet& fleet, Sequence since);

/// True if access to the device, or to its fleet, is granted at `now`.
[[nodiscard]] bool has_support(const Device& device, Timestamp now) noexcept;
[[nodiscard]] bool has_support(const Fleet& fleet, Timestamp now) noexcept;

}  // namespace muster
