#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/actions/action_events.h"
#include "core/domain/decide/commands/selected_devices.h"
#include "core/domain/ids.h"

namespace muster {

// Commands about actions and moves; see command.h.

/// Tells devices to do something: those named, those selected, or all of a fleet.
struct QueueAction {
  ActionOrder order;  // Without a time to deliver by or to execute in: as is usual for its kind.
  std::vector<std::string> devices;                        // uuids
  std::optional<SelectedDevices> selected = std::nullopt;  // In place of `devices`.
  std::string fleet;                                       // In place of both.
  bool skip_inapplicable = false;  // Leave out whom it does not fit, instead of refusing.

  /// Deliver it now or drop it. Which of the devices are online is a fact from outside; a whole
  /// fleet needs no list of them.
  bool online_only = false;
  std::vector<DeviceId> online;  // Sorted.
};

/// An action of one device.
struct ActionOn {
  DeviceId device;
  Sequence n;
};

/// A fleet-wide action.
struct ActionOfFleet {
  FleetId fleet;
  Sequence n;
};

/// Cancels what is open of an action. Where it is, was looked up outside the writer.
struct CancelAction {
  std::string action;  // As it was named, for people.
  std::vector<ActionOn> devices;
  std::vector<ActionOfFleet> fleets;
};

/// The device's head is about to be sent. Sent by the bridge, which then sends what was decided.
struct PublishAction {
  DeviceId device;
  Sequence n;
};

/// What a device said of an action. Sent by the bridge.
struct AckAction {
  Uuid device;
  Sequence n;
  Ulid id;
  ActionState state = ActionState::delivered;
  std::int32_t code = 0;
  std::string message;
  std::string boot;
};

/// The device's connection has ended. Sent by the bridge for devices that are to shut down.
struct NoteOffline {
  Uuid device;
};

/// The clocks of these actions may have run out. Sent by the timer.
struct ExpireActions {
  std::vector<ActionOn> devices;
  std::vector<ActionOfFleet> fleets;
};

struct MoveDevices {
  std::vector<std::string> devices;                        // uuids
  std::optional<SelectedDevices> selected = std::nullopt;  // In place of `devices`.
  std::string fleet;
  std::string pin;  // A release of that fleet; empty: they follow it.
};

/// How long an action waits for its device, unless it was said; and with `online_only`.
inline constexpr std::chrono::seconds delivery_default = std::chrono::hours{24} * 7;
inline constexpr std::chrono::seconds delivery_now = std::chrono::minutes{1};

/// The longest that may be asked for.
inline constexpr std::chrono::seconds delivery_max = std::chrono::hours{24} * 366;
inline constexpr std::uint32_t execution_s_max = 7 * 24 * 60 * 60;

/// Most actions that may be open for one device, and most fleet-wide ones of one fleet.
inline constexpr std::size_t queue_size_max = 100;

/// The longest message of a device that is kept, in bytes.
inline constexpr std::size_t ack_message_size_max = 1'000;

}  // namespace muster
