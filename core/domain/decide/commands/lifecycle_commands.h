#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/decide/commands/selected_devices.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Commands about settings, support access, and the lives of devices and fleets; see command.h.
// Where there are `devices` (uuids) and `selected`, the second stands in place of the first.

struct SetPublicUrl {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  bool enabled = false;
};

/// For all devices that the fleet has now.
struct SetFleetPublicUrls {
  std::string fleet;
  bool enabled = false;
};

struct SetLockOverride {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  bool enabled = false;
  bool keep = false;               // Also when the current target is done.
  bool skip_inapplicable = false;  // Leave out whom it does not fit, instead of refusing.
};

struct SetLocalMode {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  bool enabled = false;
  bool skip_inapplicable = false;
};

struct GrantDeviceSupport {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  Timestamp until;
};

struct RevokeDeviceSupport {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
};

struct GrantFleetSupport {
  std::string fleet;
  Timestamp until;
};

struct RevokeFleetSupport {
  std::string fleet;
};

/// The time of these grants may be over. Sent by the timer.
struct ExpireSupport {
  std::vector<DeviceId> devices;
  std::vector<FleetId> fleets;
};

struct ChangeDeviceType {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  std::string device_type;
};

/// Which of the devices are offline is a fact from outside.
struct DeactivateDevices {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
  std::vector<DeviceId> offline;  // Sorted.
};

struct DeleteDevices {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;
};

struct ChangeFleetType {
  std::string fleet;
  FleetType type = FleetType::microservices;
};

struct RenameFleet {
  std::string fleet;
  std::string name;
};

struct TransferFleet {
  std::string fleet;
  std::string organisation;  // That gets it.
};

struct DeleteFleet {
  std::string fleet;
};

struct SetBilling {
  std::string organisation;
  bool valid = false;
};

}  // namespace muster
