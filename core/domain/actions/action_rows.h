#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ulid.h"
#include "core/domain/actions/action_events.h"
#include "core/domain/ids.h"

namespace muster {

// Rows of what is open. A device has one once it had an action, a fleet once it had a fleet-wide
// one; what is over leaves next to nothing behind.

/// An action that is not over yet.
struct OpenAction {
  Sequence n;
  Ulid id;  // Of the command that queued it.
  ActionOrder order;
  FleetId fleet;                   // Fleet-wide in that fleet; 0: of the device alone.
  Sequence group;                  // Of a careful selection; 0: none.
  bool by_move = false;            // The purge of a move.
  std::vector<UserId> requesters;  // In the order they asked.

  // How far it is on the device.
  ActionState state = ActionState::queued;
  std::uint32_t attempts = 0;  // How often it was published.
  std::optional<Timestamp> delivered_at;
  std::optional<EndCause> cancelling;
  std::string boot;  // Under which it started.

  /// The device may have it.
  [[nodiscard]] bool published() const noexcept { return attempts > 0; }
};

/// An action that ended without a word from the device, which may still come.
struct UnansweredAction {
  Sequence n;
  Ulid id;
  FleetId fleet;

  friend bool operator==(const UnansweredAction&, const UnansweredAction&) = default;
};

/// Which actions a device has to do, beside those of its fleet that it was not handed yet.
struct DeviceQueue {
  DeviceId id;
  Sequence joined;               // Its last move, or return to active; 0: it never left.
  Sequence done;                 // Fleet-wide actions up to here are over for it,
  std::vector<Sequence> closed;  // and these after it. Sorted.
  std::vector<OpenAction> open;  // Sorted by n. At most the first is published.
  std::vector<UnansweredAction> unanswered;  // The last few.
  std::optional<std::string> down_since;     // Shut down under this boot: nothing until another.
  std::optional<FleetId> data_of;  // Whose data it has, while it is not that of its own fleet.
};

/// How many devices an action is for, and how far they are.
struct ActionCounts {
  std::uint32_t devices = 0;
  std::uint32_t in_flight = 0;  // Published and not over.
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;  // Failed, rejected or expired.
  std::uint32_t skipped = 0;
  std::uint32_t ended = 0;  // In whatever way, these three included.

  [[nodiscard]] std::uint32_t untouched() const noexcept { return devices - in_flight - ended; }

  friend bool operator==(const ActionCounts&, const ActionCounts&) = default;
};

/// A fleet-wide action that is not over for all its devices.
struct FleetAction {
  OpenAction action;
  DeviceId last_device;
  ActionCounts counts;
  bool ended = false;  // For all devices it was never published to.
};

struct FleetActions {
  FleetId id;
  std::vector<FleetAction> open;  // Sorted by n.
};

/// A selection that is told carefully: not to all its devices at a time.
struct ActionGroup {
  Sequence id;  // Of the first event of its command.
  std::uint32_t max_parallel = 0;
  std::uint32_t stop_after_failures = 0;
  ActionCounts counts;
  std::vector<DeviceId> open;  // Sorted.
};

}  // namespace muster
