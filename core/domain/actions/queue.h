#pragma once

#include <optional>
#include <vector>

#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"

namespace muster {

/// One place of a device's queue.
struct QueuedAction {
  const OpenAction* action = nullptr;    // Points into the rows the queue was made from.
  const FleetAction* pending = nullptr;  // Fleet-wide, and not handed to this device yet.
};

/// What `device` has to do, in that order: its own actions and those of its fleet, merged. The rows
/// may be null, and must be of one moment. A device that is not active has no part in those of
/// its fleet.
[[nodiscard]] std::vector<QueuedAction> queue_of(const Device& device, const DeviceQueue* own,
                                                 const FleetActions* fleet);

/// The first of `queue_of`, if the device may do it now: nothing while it is shut down.
[[nodiscard]] std::optional<QueuedAction> head_of(const Device& device, const DeviceQueue* own,
                                                  const FleetActions* fleet);

/// True if the device does nothing before it was booted again.
[[nodiscard]] bool is_shut_down(const Device& device, const DeviceQueue& own) noexcept;

/// When the clock that runs for the action, if one does, ends: its delivery, then its execution.
[[nodiscard]] std::optional<Timestamp> deadline_of(const OpenAction& action);

/// The open action `n` of the row, or null.
[[nodiscard]] const OpenAction* find_action(const DeviceQueue* own, Sequence n);
[[nodiscard]] const FleetAction* find_action(const FleetActions* fleet, Sequence n);

/// True if the limits of a careful action let it start on one more device.
[[nodiscard]] bool has_room(const ActionCounts& counts, std::uint32_t max_parallel) noexcept;

}  // namespace muster
