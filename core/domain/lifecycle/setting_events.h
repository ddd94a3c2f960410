#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/clock.h"
#include "core/domain/ids.h"

namespace muster {

// Facts about the settings of devices, and about support access to them.

struct DevicePublicUrlSet {
  DeviceId id;
  bool enabled = false;
};

/// It holds for the devices in the fleet now, not for those that join later.
struct FleetPublicUrlsSet {
  FleetId fleet;
  bool enabled = false;
  std::uint32_t devices = 0;  // How many are active in it now.
};

struct DeviceLockOverrideSet {
  DeviceId id;
  bool enabled = false;
  bool keep = false;     // It stays when the target is done.
  Sequence target_done;  // The target that was done, and so ended it; 0: it was asked for.
};

struct DeviceLocalModeSet {
  DeviceId id;
  bool enabled = false;
};

/// The settings that do not fit all devices. The numbers are stored: never renumber.
enum class Setting : std::uint8_t { lock_override = 1, local_mode = 2 };

/// Why a setting does not fit a device.
enum class SettingSkip : std::uint8_t { not_active = 1, agent_too_old = 2, not_development = 3 };

/// A command about several devices passed over this one.
struct DeviceSettingSkipped {
  DeviceId id;
  Setting setting = Setting::lock_override;
  SettingSkip why = SettingSkip::not_active;
};

/// How a grant of support access ended.
enum class GrantEnd : std::uint8_t { revoked = 1, expired = 2 };

struct DeviceSupportGranted {
  DeviceId id;
  Timestamp until;
};

struct DeviceSupportEnded {
  DeviceId id;
  GrantEnd how = GrantEnd::revoked;
};

/// It holds for all devices of the fleet, later ones too.
struct FleetSupportGranted {
  FleetId fleet;
  Timestamp until;
};

struct FleetSupportEnded {
  FleetId fleet;
  GrantEnd how = GrantEnd::revoked;
};

// The words as users read them.
std::string_view to_string(Setting setting) noexcept;
std::string_view to_string(SettingSkip why) noexcept;
std::string_view to_string(GrantEnd how) noexcept;

}  // namespace muster
