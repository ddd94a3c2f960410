#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/actions/expire.h"
#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"

// Actions on their way: to the device, and what it says of them.

namespace muster {
namespace {

constexpr std::size_t boot_size_max = 64;

tl::unexpected<Rejection> not_for_users(std::string entity) {
  return reject(RejectionCode::not_allowed, std::move(entity),
                "the server itself delivers actions and hears of them from the device",
                "queue an action");
}

/// True if one of those who asked for the action might still ask for it.
bool may_still_ask(const Context& context, const OpenAction& action, const Device& device) {
  const State& state = context.state;
  const Fleet& fleet = *state.find(device.fleet);
  if (action.by_move || action.n < fleet.vouched) return true;
  const Organisation& organisation = *state.find(fleet.organisation);
  const auto may = [&](UserId id) {
    if (id == UserId{}) return true;
    const User& user = *state.find(id);
    const Asker asker{.user = id,
                      .instance_roles = user.instance_roles,
                      .role_limit = std::nullopt,
                      .expires_at = std::nullopt,
                      .now = context.now};
    return user.enabled && role_on(asker, device, fleet, organisation) >= Role::fleet_operator;
  };
  return std::ranges::any_of(action.requesters, may);
}

bool has_room_for(const State& state, const QueuedAction& head) {
  if (head.pending != nullptr) {
    return has_room(head.pending->counts, head.action->order.max_parallel);
  }
  const ActionGroup* group = state.open_actions().find_group(head.action->group);
  return group == nullptr || has_room(group->counts, group->max_parallel);
}

/// True if that end of the action is what the device's target waits for.
bool releases_target(const OpenAction& action, const Device& device, ActionState end) {
  if (action.order.kind != ActionKind::purge || device.after_action == Sequence{}) return false;
  if (end == ActionState::succeeded) return action.n >= device.after_action;
  return end == ActionState::cancelled && action.n == device.after_action;
}

/// Ends an action that was never published, if by now it does not fit the device or would change
/// nothing on it.
bool end_if_unfit(const State& state, const Device& device, const OpenAction& action,
                  std::vector<Event>& events) {
  const bool not_needed =
      action.by_move ? !may_have_volumes(device) : is_done_already(action.order, device);
  if (not_needed) {
    end_action(action, device.id, EndCause::not_needed, events);
    std::get<ActionEnded>(events.back()).releases_target =
        releases_target(action, device, ActionState::cancelled);
    return true;
  }
  if (action.by_move) return false;
  auto obstacle = find_obstacle(action.order, device, *state.find(device.device_type));
  if (!obstacle) return false;
  end_action(action, device.id, obstacle->reason, events, std::move(obstacle->message));
  return true;
}

/// A device's words, cut between two characters where they are too many.
std::string shortened(const std::string& message) {
  if (message.size() <= ack_message_size_max) return message;
  std::size_t end = ack_message_size_max;
  const auto continues = [&] {
    return (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U;
  };
  while (end > 0 && continues()) --end;
  return message.substr(0, end);
}

/// How the device's word ends the action: what was to be withdrawn ends as it was to.
ActionEnded end_of(const OpenAction& action, const Device& device, const AckAction& ack) {
  ActionEnded ended{.device = device.id,
                    .fleet = action.fleet,
                    .n = action.n,
                    .state = ack.state,
                    .cause = EndCause::answered,
                    .code = ack.code,
                    .message = shortened(ack.message)};
  if (ack.state == ActionState::cancelled && action.cancelling) {
    ended.state = end_state_of(*action.cancelling);
    ended.cause = *action.cancelling;
  }
  ended.releases_target = releases_target(action, device, ended.state);
  return ended;
}

bool is_result(ActionState state) {
  return state == ActionState::succeeded || state == ActionState::failed ||
         state == ActionState::rejected;
}

Decision hear_late(const DeviceQueue* queue, const Device& device, const AckAction& ack) {
  if (queue == nullptr || !is_result(ack.state)) return std::vector<Event>{};
  const auto found = std::ranges::find_if(queue->unanswered, [&](const UnansweredAction& action) {
    return action.n == ack.n && action.id == ack.id;
  });
  if (found == queue->unanswered.end()) return std::vector<Event>{};
  return std::vector<Event>{ActionLateResult{.device = device.id,
                                             .fleet = found->fleet,
                                             .n = ack.n,
                                             .state = ack.state,
                                             .code = ack.code,
                                             .message = shortened(ack.message)}};
}

std::vector<Event> hear(const OpenAction& action, const Device& device, const AckAction& ack) {
  switch (ack.state) {
    case ActionState::delivered:
      if (action.state != ActionState::queued) return {};
      return {ActionDelivered{.device = device.id, .fleet = action.fleet, .n = action.n}};
    case ActionState::started: {
      if (action.state == ActionState::started) return {};
      const bool said = !ack.boot.empty() && ack.boot.size() <= boot_size_max;
      return {ActionStarted{.device = device.id,
                            .fleet = action.fleet,
                            .n = action.n,
                            .boot = said ? ack.boot : device.boot}};
    }
    case ActionState::succeeded:
    case ActionState::failed:
    case ActionState::rejected:
    case ActionState::expired:
    case ActionState::cancelled:
      return {end_of(action, device, ack)};
    default:
      return {};
  }
}

}  // namespace

Decision decide_one(const Context& context, const PublishAction& command) {
  const State& state = context.state;
  const Device* device = state.find(command.device);
  if (context.asker.user != UserId{}) return not_for_users("action");
  std::vector<Event> events;
  if (device == nullptr || device->lifecycle != Lifecycle::active) return events;
  const OpenActions& open = state.open_actions();
  const auto head = head_of(*device, open.find_queue(device->id), open.find_actions(device->fleet));
  if (!head || head->action->n != command.n || head->action->cancelling) return events;
  const OpenAction& action = *head->action;
  const auto deadline = deadline_of(action);
  if (deadline && *deadline <= context.now) {
    expire(action, device->id, events);
  } else if (action.published() || !end_if_unfit(state, *device, action, events)) {
    const bool allowed =
        action.state != ActionState::queued || may_still_ask(context, action, *device);
    if (!allowed) {
      withdraw(action, device->id, EndCause::requester_not_allowed, events);
    } else if (action.published() || has_room_for(state, *head)) {
      events.emplace_back(ActionPublished{.device = device->id,
                                          .fleet = action.fleet,
                                          .n = action.n,
                                          .attempt = action.attempts + 1});
    }
  }
  stop_failing(state, events);
  return events;
}

Decision decide_one(const Context& context, const AckAction& command) {
  if (context.asker.user != UserId{}) return not_for_users("action");
  const Device* device = context.state.find_device(command.device);
  if (device == nullptr) {
    return reject(RejectionCode::unknown_device,
                  fmt::format("device {}", to_string(command.device)),
                  "no such device is registered", "register it");
  }
  const DeviceQueue* queue = context.state.open_actions().find_queue(device->id);
  const OpenAction* action = find_action(queue, command.n);
  if (action == nullptr) return hear_late(queue, *device, command);
  if (action->id != command.id || !action->published()) return std::vector<Event>{};
  std::vector<Event> events = hear(*action, *device, command);
  stop_failing(context.state, events);
  return events;
}

Decision decide_one(const Context& context, const NoteOffline& command) {
  if (context.asker.user != UserId{}) return not_for_users("device");
  const Device* device = context.state.find_device(command.device);
  if (device == nullptr) return std::vector<Event>{};
  const DeviceQueue* queue = context.state.open_actions().find_queue(device->id);
  std::vector<Event> events;
  if (queue == nullptr || queue->open.empty()) return events;
  const OpenAction& first = queue->open.front();
  const bool shuts_down =
      first.order.kind == ActionKind::shutdown && first.state == ActionState::started;
  if (shuts_down) end_action(first, device->id, EndCause::went_offline, events);
  return events;
}

}  // namespace muster
