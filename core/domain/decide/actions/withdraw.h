#pragma once

#include <vector>

#include "core/domain/actions/queue.h"
#include "core/domain/event.h"
#include "core/domain/state.h"

namespace muster {

// How actions end that no device ended. Each function appends what happens to `events`.

/// The state in which an action ends for that cause.
[[nodiscard]] ActionState end_state_of(EndCause cause) noexcept;

/// Ends the action on the device, with what people should know of it.
void end_action(const OpenAction& action, DeviceId device, EndCause cause,
                std::vector<Event>& events, std::string message = {});

/// Cancels the action on the device: at once if it was never published; if it was, the device is
/// asked not to do it. One that started, or is to be withdrawn already, is left alone.
void withdraw(const OpenAction& action, DeviceId device, EndCause cause,
              std::vector<Event>& events);

/// Cancels all that the device has to do, because of what becomes of it: `moved`, `deactivated`,
/// `deleted` or `orphaned`. What started runs on; the purge of a move outlives a deactivation.
void end_queue(const State& state, const Device& device, EndCause cause,
               std::vector<Event>& events);

/// Cancels all that the fleet's devices have to do: they are orphaned. What started runs on.
void end_all_queues(const State& state, const Fleet& fleet, std::vector<Event>& events);

/// Cancels the host OS updates in the device's queue: its type changed.
void withdraw_os_updates(const State& state, const Device& device, std::vector<Event>& events);

/// Cancels what the user alone asked for and no device has got: the user is disabled.
void withdraw_requested(const State& state, UserId user, std::vector<Event>& events);

/// Ends a fleet-wide action for all devices it was never published to, if there are any.
void end_untouched(FleetId fleet, const FleetAction& action, EndCause cause,
                   std::vector<Event>& events);

/// Withdraws a fleet-wide action: ends it, and asks those it was published to not to do it.
void withdraw_from_fleet(const State& state, FleetId fleet, const FleetAction& action,
                         EndCause cause, std::vector<Event>& events);

/// Stops the careful actions of which, with the ends among `events`, too many devices failed.
void stop_failing(const State& state, std::vector<Event>& events);

}  // namespace muster
