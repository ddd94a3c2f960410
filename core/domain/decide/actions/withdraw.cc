#include "core/domain/decide/actions/withdraw.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace muster {
namespace {

std::vector<QueuedAction> queue_in(const State& state, const Device& device) {
  const OpenActions& open = state.open_actions();
  return queue_of(device, open.find_queue(device.id), open.find_actions(device.fleet));
}

/// All open actions that devices were handed and `chosen` picks, in the order of the devices.
template <typename Chosen>
std::vector<std::pair<DeviceId, const OpenAction*>> find_handed(const State& state, Chosen chosen) {
  std::vector<std::pair<DeviceId, const OpenAction*>> found;
  for (const auto& [device, queue] : state.open_actions().queues()) {
    for (const OpenAction& action : queue.open) {
      if (chosen(action)) found.emplace_back(device, &action);
    }
  }
  std::ranges::sort(found, {},
                    [](const auto& entry) { return std::pair(entry.first, entry.second->n); });
  return found;
}

bool is_failure(ActionState state) {
  return state == ActionState::failed || state == ActionState::rejected ||
         state == ActionState::expired;
}

/// What the ends among the events of one command add to the counts of a careful action.
struct NewEnds {
  std::uint32_t failed = 0;
  std::uint32_t untouched = 0;  // Of devices it was never published to.
  std::set<DeviceId> devices;
};

void stop_fleet_action(const State& state, const ActionEnded& last, const NewEnds& ends,
                       std::vector<Event>& events) {
  const FleetAction* wide = find_action(state.open_actions().find_actions(last.fleet), last.n);
  if (wide == nullptr || wide->ended) return;
  const std::uint32_t limit = wide->action.order.stop_after_failures;
  const std::uint32_t untouched = wide->counts.untouched() - ends.untouched;
  if (limit == 0 || wide->counts.failed + ends.failed < limit || untouched == 0) return;
  events.emplace_back(FleetActionEnded{.fleet = last.fleet,
                                       .n = last.n,
                                       .state = ActionState::cancelled,
                                       .cause = EndCause::stopped_after_failures,
                                       .devices = untouched});
}

void stop_group(const State& state, Sequence id, const NewEnds& ends, std::vector<Event>& events) {
  const ActionGroup& group = *state.open_actions().find_group(id);
  const std::uint32_t limit = group.stop_after_failures;
  if (limit == 0 || group.counts.failed + ends.failed < limit) return;
  for (const DeviceId device : group.open) {
    if (ends.devices.contains(device)) continue;
    for (const OpenAction& action : state.open_actions().find_queue(device)->open) {
      if (action.group != id || action.published()) continue;
      end_action(action, device, EndCause::stopped_after_failures, events);
    }
  }
}

}  // namespace

ActionState end_state_of(EndCause cause) noexcept {
  switch (cause) {
    case EndCause::answered:
    case EndCause::went_offline:
      return ActionState::succeeded;
    case EndCause::not_delivered:
    case EndCause::not_started:
      return ActionState::expired;
    case EndCause::no_result:
      return ActionState::failed;
    case EndCause::replaced:
      return ActionState::superseded;
    case EndCause::agent_too_old:
    case EndCause::os_is_newer:
    case EndCause::type_unsupported:
      return ActionState::rejected;
    default:
      return ActionState::cancelled;
  }
}

void end_action(const OpenAction& action, DeviceId device, EndCause cause,
                std::vector<Event>& events, std::string message) {
  events.emplace_back(ActionEnded{.device = device,
                                  .fleet = action.fleet,
                                  .n = action.n,
                                  .state = end_state_of(cause),
                                  .cause = cause,
                                  .message = std::move(message)});
}

void withdraw(const OpenAction& action, DeviceId device, EndCause cause,
              std::vector<Event>& events) {
  if (action.state == ActionState::started || action.cancelling) return;
  if (!action.published()) return end_action(action, device, cause, events);
  events.emplace_back(ActionCancelRequested{
      .device = device, .fleet = action.fleet, .n = action.n, .cause = cause});
}

void end_queue(const State& state, const Device& device, EndCause cause,
               std::vector<Event>& events) {
  const bool may_answer = cause == EndCause::moved;
  for (const QueuedAction& entry : queue_in(state, device)) {
    const OpenAction& action = *entry.action;
    if (action.by_move && cause == EndCause::deactivated) continue;
    if (action.state == ActionState::started) continue;
    if (may_answer) {
      withdraw(action, device.id, cause, events);
    } else {
      end_action(action, device.id, cause, events);
    }
  }
}

void end_all_queues(const State& state, const Fleet& fleet, std::vector<Event>& events) {
  const FleetActions* actions = state.open_actions().find_actions(fleet.id);
  if (actions != nullptr) {
    for (const FleetAction& wide : actions->open) {
      end_untouched(fleet.id, wide, EndCause::orphaned, events);
    }
  }
  const auto is_here = [&](DeviceId id) { return state.find(id)->fleet == fleet.id; };
  for (const auto& [device, action] : find_handed(
           state, [](const OpenAction& each) { return each.state != ActionState::started; })) {
    if (is_here(device)) end_action(*action, device, EndCause::orphaned, events);
  }
}

void withdraw_os_updates(const State& state, const Device& device, std::vector<Event>& events) {
  for (const QueuedAction& entry : queue_in(state, device)) {
    if (entry.action->order.kind != ActionKind::os_update) continue;
    withdraw(*entry.action, device.id, EndCause::type_changed, events);
  }
}

void withdraw_requested(const State& state, UserId user, std::vector<Event>& events) {
  const auto only_asker = [&](const OpenAction& action) {
    const auto may_have_asked = [&](UserId other) {
      return other != user && (other == UserId{} || state.find(other)->enabled);
    };
    return !action.by_move && action.state == ActionState::queued &&
           std::ranges::find(action.requesters, user) != action.requesters.end() &&
           std::ranges::none_of(action.requesters, may_have_asked);
  };
  for (const Fleet& fleet : state.fleets()) {
    const FleetActions* actions = state.open_actions().find_actions(fleet.id);
    if (actions == nullptr) continue;
    for (const FleetAction& wide : actions->open) {
      if (!only_asker(wide.action)) continue;
      end_untouched(fleet.id, wide, EndCause::user_disabled, events);
    }
  }
  for (const auto& [device, action] : find_handed(state, only_asker)) {
    withdraw(*action, device, EndCause::user_disabled, events);
  }
}

void end_untouched(FleetId fleet, const FleetAction& action, EndCause cause,
                   std::vector<Event>& events) {
  const std::uint32_t devices = action.counts.untouched();
  if (action.ended || devices == 0) return;
  events.emplace_back(FleetActionEnded{.fleet = fleet,
                                       .n = action.action.n,
                                       .state = end_state_of(cause),
                                       .cause = cause,
                                       .devices = devices});
}

void withdraw_from_fleet(const State& state, FleetId fleet, const FleetAction& action,
                         EndCause cause, std::vector<Event>& events) {
  end_untouched(fleet, action, cause, events);
  if (action.counts.in_flight == 0) return;
  const Sequence n = action.action.n;
  for (const auto& [device, handed] :
       find_handed(state, [&](const OpenAction& open) { return open.n == n; })) {
    withdraw(*handed, device, cause, events);
  }
}

void stop_failing(const State& state, std::vector<Event>& events) {
  std::map<Sequence, NewEnds> by_group;
  std::map<Sequence, std::pair<ActionEnded, NewEnds>> by_fleet_action;
  for (const Event& event : events) {
    const auto* ended = std::get_if<ActionEnded>(&event);
    if (ended == nullptr) continue;
    const OpenAction* handed =
        find_action(state.open_actions().find_queue(ended->device), ended->n);
    const bool grouped = handed != nullptr && handed->group != Sequence{};
    if (!grouped && ended->fleet == FleetId{}) continue;
    auto& entry = by_fleet_action[ended->n];
    entry.first = *ended;
    NewEnds& ends = grouped ? by_group[handed->group] : entry.second;
    ends.failed += is_failure(ended->state) ? 1 : 0;
    ends.untouched += handed == nullptr ? 1 : 0;
    ends.devices.insert(ended->device);
  }
  // What ends for all of a fleet in the same command needs no second end.
  for (const Event& event : events) {
    if (const auto* all = std::get_if<FleetActionEnded>(&event)) by_fleet_action.erase(all->n);
  }
  for (const auto& [n, entry] : by_fleet_action) {
    if (entry.first.fleet != FleetId{}) stop_fleet_action(state, entry.first, entry.second, events);
  }
  for (const auto& [id, ends] : by_group) stop_group(state, id, ends, events);
}

}  // namespace muster
