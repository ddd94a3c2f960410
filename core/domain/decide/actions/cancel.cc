#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"

// Cancelling actions. Those of a bulk that can be cancelled are; the others run on.

namespace muster {
namespace {

tl::unexpected<Rejection> unknown_action(const CancelAction& command) {
  return reject(RejectionCode::unknown_action, fmt::format("action {}", command.action),
                "there is no such action, or you may not see it",
                "`muster action list` shows your actions");
}

/// The action as it stands in the device's queue; none if it is over.
const OpenAction* find_open(const State& state, const ActionOn& on) {
  const Device& device = *state.find(on.device);
  const OpenActions& open = state.open_actions();
  const auto queue = queue_of(device, open.find_queue(device.id), open.find_actions(device.fleet));
  const auto found =
      std::ranges::find(queue, on.n, [](const QueuedAction& entry) { return entry.action->n; });
  return found == queue.end() ? nullptr : found->action;
}

/// What was found of the actions to cancel.
struct Findings {
  std::vector<Event> events;
  bool by_move = false;
  bool started = false;
  bool cancelling = false;
};

void cancel_on(const Context& context, const ActionOn& on, Findings& findings) {
  const OpenAction* action = find_open(context.state, on);
  if (action == nullptr) return;
  findings.by_move = findings.by_move || action->by_move;
  findings.started = findings.started || action->state == ActionState::started;
  findings.cancelling = findings.cancelling || action->cancelling;
  if (!action->by_move) withdraw(*action, on.device, EndCause::asked, findings.events);
}

tl::unexpected<Rejection> nothing_to_cancel(const CancelAction& command, const Findings& findings) {
  const std::string entity = fmt::format("action {}", command.action);
  if (findings.started) {
    return reject(RejectionCode::action_started, entity, "it has started on the device already",
                  "wait for its result; `muster action show` tells it");
  }
  if (findings.by_move) {
    return reject(RejectionCode::purge_of_move, entity,
                  "the purge of a move goes before the target of the new fleet",
                  "move the device back to cancel it");
  }
  return reject(RejectionCode::action_over, entity, "it is over already",
                "`muster action show` tells how it ended");
}

}  // namespace

Decision decide_one(const Context& context, const CancelAction& command) {
  if (command.devices.empty() && command.fleets.empty()) return unknown_action(command);
  Findings findings;
  std::set<Sequence> whole;
  for (const ActionOfFleet& of : command.fleets) {
    const auto fleet = context.state.find(of.fleet) == nullptr
                           ? Found<Fleet>(nullptr)
                           : allow_fleet(context, of.fleet, Role::fleet_operator);
    if (!fleet) return tl::unexpected(fleet.error());
    if (*fleet == nullptr) return unknown_action(command);
    const auto* action = find_action(context.state.open_actions().find_actions(of.fleet), of.n);
    if (action == nullptr) continue;
    whole.insert(of.n);
    withdraw_from_fleet(context.state, of.fleet, *action, EndCause::asked, findings.events);
  }
  for (const ActionOn& on : command.devices) {
    const Device* device = context.state.find(on.device);
    const auto fleet = device == nullptr
                           ? Found<Fleet>(nullptr)
                           : allow_fleet(context, device->fleet, Role::fleet_operator);
    if (!fleet) return tl::unexpected(fleet.error());
    if (*fleet == nullptr) return unknown_action(command);
    if (!whole.contains(on.n)) cancel_on(context, on, findings);
  }
  if (findings.events.empty() && !findings.cancelling) return nothing_to_cancel(command, findings);
  return std::move(findings.events);
}

}  // namespace muster
