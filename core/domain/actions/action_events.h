#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Facts about actions. `n`, the sequence of the event that queued it, names an action for ever.
// `fleet` is the scope: that of a fleet-wide action, 0 of one that the device has for itself.

/// What is asked, the same for every device that is asked.
struct ActionOrder {
  ActionKind kind = ActionKind::restart;
  std::string os_version;  // To update to; empty for the other kinds.
  bool force = false;      // Update locks do not hold it back.
  std::optional<Timestamp> deliver_by;
  std::uint32_t execute_within_s = 0;  // From its delivery; 0: without end.

  // Carefully, if not 0: to so many devices at a time, and to no more after so many failures.
  std::uint32_t max_parallel = 0;
  std::uint32_t stop_after_failures = 0;
};

struct ActionQueued {
  DeviceId device;
  ActionOrder order;
  bool by_move = false;  // The purge of a move.
};

/// For all active devices of the fleet at that moment.
struct FleetActionQueued {
  FleetId fleet;
  ActionOrder order;
  std::uint32_t devices = 0;
  DeviceId last_device;  // Those registered later are not meant.
};

/// To these devices the action that the same command queued does not apply. In a fleet: its last.
struct ActionSkipped {
  FleetId fleet;  // 0: they were left out of a selection.
  EndCause reason = EndCause::agent_too_old;
  std::vector<DeviceId> devices;
};

/// Another command asked for an action that is the last one queued: they are one.
struct ActionMerged {
  DeviceId device;  // 0: fleet-wide.
  FleetId fleet;
  Sequence n;
  std::optional<Timestamp> deliver_by;  // From now on.
};

/// From now on the device may have it. Stored before it is sent.
struct ActionPublished {
  DeviceId device;
  FleetId fleet;
  Sequence n;
  std::uint32_t attempt = 1;
};

struct ActionDelivered {
  DeviceId device;
  FleetId fleet;
  Sequence n;
};

struct ActionStarted {
  DeviceId device;
  FleetId fleet;
  Sequence n;
  std::string boot;
};

/// It is over on this device.
struct ActionEnded {
  DeviceId device;
  FleetId fleet;
  Sequence n;
  ActionState state = ActionState::succeeded;
  EndCause cause = EndCause::answered;
  std::int32_t code = 0;
  std::string message;
  bool releases_target = false;  // The target waits for no purge any more.
};

/// The device may have it and is to be told not to do it.
struct ActionCancelRequested {
  DeviceId device;
  FleetId fleet;
  Sequence n;
  EndCause cause = EndCause::asked;
};

/// It is over for all devices to which it was never published.
struct FleetActionEnded {
  FleetId fleet;
  Sequence n;
  ActionState state = ActionState::cancelled;
  EndCause cause = EndCause::asked;
  std::uint32_t devices = 0;
};

/// What the device said of an action that was over already. Changes nothing.
struct ActionLateResult {
  DeviceId device;
  FleetId fleet;
  Sequence n;
  ActionState state = ActionState::succeeded;
  std::int32_t code = 0;
  std::string message;
};

}  // namespace muster
