#include "core/domain/actions/evolve_actions.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/domain/lifecycle/lifecycle_evolve.h"
#include "core/domain/lifecycle/settings.h"

namespace muster {
namespace {

constexpr std::size_t unanswered_max = 4;  // Of one device.

OpenAction open_action(const Recorded& recorded, const ActionOrder& order) {
  return OpenAction{.n = recorded.sequence,
                    .id = recorded.meta.command,
                    .order = order,
                    .requesters = {recorded.meta.actor.user}};
}

OpenAction& action_in(DeviceQueue& queue, Sequence n) {
  const auto found = std::ranges::find(queue.open, n, &OpenAction::n);
  MUSTER_ASSERT(found != queue.open.end(), "an event is about an action that is open");
  return *found;
}

FleetAction& action_in(FleetActions& actions, Sequence n) {
  const auto found =
      std::ranges::find(actions.open, n, [](const FleetAction& wide) { return wide.action.n; });
  MUSTER_ASSERT(found != actions.open.end(), "an event is about a fleet-wide action that is open");
  return *found;
}

bool failed(ActionState state) {
  return state == ActionState::failed || state == ActionState::rejected ||
         state == ActionState::expired;
}

void count_end(ActionCounts& counts, ActionState state, std::uint32_t devices) {
  counts.ended += devices;
  if (state == ActionState::succeeded) counts.succeeded += devices;
  if (failed(state)) counts.failed += devices;
}

template <typename T>
void insert_sorted(std::vector<T>& values, T value) {
  values.insert(std::ranges::upper_bound(values, value), value);
}

void forget_if_over(FleetActions& actions, Sequence n) {
  std::erase_if(actions.open, [&](const FleetAction& wide) {
    return wide.action.n == n && wide.counts.ended == wide.counts.devices;
  });
}

/// Fleet-wide action `n` is over for the device: raises the watermark as far as it goes.
void close(DeviceQueue& queue, const FleetActions& actions, Sequence n) {
  insert_sorted(queue.closed, n);
  for (const FleetAction& wide : actions.open) {
    const Sequence open = wide.action.n;
    if (open <= queue.done) continue;
    if (!std::ranges::binary_search(queue.closed, open)) break;
    queue.done = open;
  }
  std::erase_if(queue.closed, [&](Sequence closed) { return closed <= queue.done; });
}

/// Counts the end of a device's part in a fleet-wide action, which was `handed` to it or not.
void end_part(Tables& tables, const ActionEnded& e, bool handed) {
  FleetActions& actions = tables.actions_of(e.fleet);
  ActionCounts& counts = action_in(actions, e.n).counts;
  if (handed) counts.in_flight -= 1;
  count_end(counts, e.state, 1);
  close(tables.queue_of(e.device), actions, e.n);
  forget_if_over(actions, e.n);
}

void end_in_group(Tables& tables, const OpenAction& action, const ActionEnded& e) {
  ActionGroup& group = tables.action_group(action.group);
  if (action.published()) group.counts.in_flight -= 1;
  count_end(group.counts, e.state, 1);
  std::erase(group.open, e.device);
}

void remember_unanswered(DeviceQueue& queue, const OpenAction& action) {
  queue.unanswered.push_back({.n = action.n, .id = action.id, .fleet = action.fleet});
  if (queue.unanswered.size() > unanswered_max) queue.unanswered.erase(queue.unanswered.begin());
}

void set_deadline(OpenAction& action, const Recorded& recorded, const ActionMerged& e) {
  action.order.deliver_by = e.deliver_by;
  const UserId user = recorded.meta.actor.user;
  const bool known = std::ranges::find(action.requesters, user) != action.requesters.end();
  if (!known) action.requesters.push_back(user);
}

}  // namespace

void apply(Tables& tables, const Recorded& recorded, const ActionQueued& e) {
  OpenAction action = open_action(recorded, e.order);
  action.by_move = e.by_move;
  const bool careful = e.order.max_parallel != 0 || e.order.stop_after_failures != 0;
  if (careful) {
    action.group = Sequence{recorded.sequence.value() - recorded.meta.index};
    ActionGroup& group = tables.action_group(action.group);
    group.max_parallel = e.order.max_parallel;
    group.stop_after_failures = e.order.stop_after_failures;
    group.counts.devices += 1;
    insert_sorted(group.open, e.device);
  }
  tables.queue_of(e.device).open.push_back(std::move(action));
  if (!e.by_move) return;
  Device& device = tables.edit(e.device);
  device.after_action = recorded.sequence;
  device.target_changed = {recorded.sequence, recorded.meta.at};
}

void apply(Tables& tables, const Recorded& recorded, const FleetActionQueued& e) {
  OpenAction action = open_action(recorded, e.order);
  action.fleet = e.fleet;
  tables.actions_of(e.fleet).open.push_back(FleetAction{
      .action = std::move(action), .last_device = e.last_device, .counts = {.devices = e.devices}});
}

void apply(Tables& tables, const Recorded&, const ActionSkipped& e) {
  if (e.fleet == FleetId{}) return;
  FleetActions& actions = tables.actions_of(e.fleet);
  MUSTER_ASSERT(!actions.open.empty(), "devices are skipped when a fleet-wide action is queued");
  const Sequence n = actions.open.back().action.n;
  ActionCounts& counts = actions.open.back().counts;
  counts.skipped += static_cast<std::uint32_t>(e.devices.size());
  counts.ended += static_cast<std::uint32_t>(e.devices.size());
  for (const DeviceId device : e.devices) close(tables.queue_of(device), actions, n);
  forget_if_over(actions, n);
}

void apply(Tables& tables, const Recorded& recorded, const ActionMerged& e) {
  if (e.device == DeviceId{}) {
    set_deadline(action_in(tables.actions_of(e.fleet), e.n).action, recorded, e);
  } else {
    set_deadline(action_in(tables.queue_of(e.device), e.n), recorded, e);
  }
}

void apply(Tables& tables, const Recorded&, const ActionPublished& e) {
  if (e.attempt == 1 && e.fleet != FleetId{}) {
    FleetAction& wide = action_in(tables.actions_of(e.fleet), e.n);
    wide.counts.in_flight += 1;
    auto& open = tables.queue_of(e.device).open;
    open.insert(std::ranges::upper_bound(open, e.n, {}, &OpenAction::n), wide.action);
  }
  OpenAction& action = action_in(tables.queue_of(e.device), e.n);
  action.attempts = e.attempt;
  if (e.attempt == 1 && action.group != Sequence{}) {
    tables.action_group(action.group).counts.in_flight += 1;
  }
}

void apply(Tables& tables, const Recorded& recorded, const ActionDelivered& e) {
  OpenAction& action = action_in(tables.queue_of(e.device), e.n);
  action.state = ActionState::delivered;
  action.delivered_at = recorded.meta.at;
}

void apply(Tables& tables, const Recorded& recorded, const ActionStarted& e) {
  OpenAction& action = action_in(tables.queue_of(e.device), e.n);
  action.state = ActionState::started;
  action.boot = e.boot;
  if (!action.delivered_at) action.delivered_at = recorded.meta.at;
}

void apply(Tables& tables, const Recorded& recorded, const ActionEnded& e) {
  DeviceQueue& queue = tables.queue_of(e.device);
  const auto found = std::ranges::find(queue.open, e.n, &OpenAction::n);
  if (found == queue.open.end()) return end_part(tables, e, false);
  const OpenAction action = std::move(*found);
  queue.open.erase(found);
  const bool answered = e.cause == EndCause::answered || e.cause == EndCause::went_offline;
  if (action.published() && !answered) remember_unanswered(queue, action);
  const bool shut_down = action.order.kind == ActionKind::shutdown &&
                         action.state == ActionState::started && e.state == ActionState::succeeded;
  if (shut_down) queue.down_since = action.boot;
  if (action.group != Sequence{}) end_in_group(tables, action, e);
  if (e.fleet != FleetId{}) end_part(tables, e, true);
  if (!e.releases_target) return;
  Device& device = tables.edit(e.device);
  device.after_action = Sequence{};
  device.target_changed = {recorded.sequence, recorded.meta.at};
}

void apply(Tables& tables, const Recorded&, const ActionCancelRequested& e) {
  action_in(tables.queue_of(e.device), e.n).cancelling = e.cause;
}

void apply(Tables& tables, const Recorded&, const FleetActionEnded& e) {
  FleetActions& actions = tables.actions_of(e.fleet);
  FleetAction& wide = action_in(actions, e.n);
  wide.ended = true;
  count_end(wide.counts, e.state, e.devices);
  forget_if_over(actions, e.n);
}

void apply(Tables& tables, const Recorded&, const ActionLateResult& e) {
  std::erase_if(tables.queue_of(e.device).unanswered,
                [&](const UnansweredAction& action) { return action.n == e.n; });
}

void rejoin(Tables& tables, const Recorded& recorded, DeviceId id) {
  DeviceQueue& queue = tables.queue_of(id);
  queue.joined = recorded.sequence;
  queue.done = Sequence{};
  queue.closed.clear();
}

void apply(Tables& tables, const Recorded& recorded, const DeviceMoved& e) {
  rejoin(tables, recorded, e.id);
  tables.queue_of(e.id).data_of = e.data_of;
  Fleet& from = tables.edit(e.from);
  Fleet& to = tables.edit(e.to);
  Device& device = tables.edit(e.id);
  uncount(from, device);
  settle(device, from, recorded.sequence);
  device.fleet = e.to;
  device.pin = e.pin;
  device.after_action = Sequence{};
  device.support_until = {};
  device.set(DeviceFlag::support_expired, false);
  device.target_changed = {recorded.sequence, recorded.meta.at};
  device.version = recorded.sequence;
  count(to, device);
  if (device.lifecycle == Lifecycle::active) to.joined = recorded.sequence;
  if (e.previous_pin) tables.edit(*e.previous_pin).pinned_devices -= 1;
  if (e.pin) tables.edit(*e.pin).pinned_devices += 1;
}

}  // namespace muster
