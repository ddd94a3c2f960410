#pragma once

#include <unordered_map>

#include "core/domain/actions/action_rows.h"
#include "core/domain/ids.h"

namespace muster {

/// The rows of open actions in memory. Devices and fleets that never had one take no room.
class OpenActions {
 public:
  // The row of that id; an empty one is made if there is none.
  DeviceQueue& queue_of(DeviceId id);
  FleetActions& actions_of(FleetId id);
  ActionGroup& group(Sequence id);

  // Null if there is none.
  [[nodiscard]] const DeviceQueue* find_queue(DeviceId id) const;
  [[nodiscard]] const FleetActions* find_actions(FleetId id) const;
  [[nodiscard]] const ActionGroup* find_group(Sequence id) const;

  /// In no particular order.
  [[nodiscard]] const std::unordered_map<DeviceId, DeviceQueue>& queues() const noexcept {
    return queues_;
  }
  [[nodiscard]] const std::unordered_map<FleetId, FleetActions>& fleets() const noexcept {
    return fleets_;
  }

 private:
  std::unordered_map<DeviceId, DeviceQueue> queues_;
  std::unordered_map<FleetId, FleetActions> fleets_;
  std::unordered_map<Sequence, ActionGroup> groups_;
};

}  // namespace muster
