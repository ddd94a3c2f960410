#include "projections/actions/actions_view.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/overloaded.h"
#include "projections/actions/keys.h"
#include "projections/view_store.h"

namespace muster {
namespace {

constexpr std::size_t blocks_max = 20'000;  // Of each kind; some megabytes.

FleetId fleet_of(const ViewBatch& batch, DeviceId device) {
  const auto fleet = batch.get(action_key(ActionsKey::fleet_of_device, device));
  if (!fleet) batch.end_damaged("a device is missing in the view of actions");
  return id_at_end<FleetId>(*fleet);
}

ActionAsked asked_by(const Recorded& recorded) {
  return {.id = recorded.meta.command,
          .user = recorded.meta.actor.user,
          .reason = recorded.meta.reason,
          .at = recorded.meta.at};
}

/// Whose clock it is: of an action on a device, or of a fleet-wide one as far as it touched nobody.
struct ClockOf {
  DeviceId device;
  FleetId fleet;
  Sequence n;
};

/// Keeps the entry of the running clock where it is looked for.
void set_deadline(ViewBatch& batch, const ClockOf& of, std::optional<Timestamp>& deadline,
                  std::optional<Timestamp> to) {
  const auto key = [&](Timestamp at) {
    return action_key(ActionsKey::deadline, at, of.device, of.fleet, of.n);
  };
  if (deadline == to) return;
  if (deadline) batch.erase(key(*deadline));
  if (to) batch.put(key(*to), {});
  deadline = to;
}

template <typename E>
ClockOf clock_of(const E& e) {
  return {.device = e.device, .fleet = e.fleet, .n = e.n};
}

/// The clock of a fleet-wide action runs as long as there are devices it did not touch.
void stop_if_all_touched(ViewBatch& batch, ActionRecord& wide) {
  if (wide.untouched > 0) return;
  set_deadline(batch, {.device = {}, .fleet = wide.fleet, .n = wide.n}, wide.progress.deadline, {});
}

void list(ViewBatch& batch, const Ulid& id, Sequence n) {
  batch.put(action_key(ActionsKey::action_of_id, id, n), {});
}

}  // namespace

ActionsView::ActionsView() : records_(blocks_max), parts_(blocks_max), roll_ups_(blocks_max) {}

std::string_view ActionsView::name() const { return actions_view; }

ActionRecord& ActionsView::record(ViewBatch& batch, Sequence n) {
  return records_.edit(batch, action_key(ActionsKey::action, NewestFirst{n}));
}

ActionRollUp& ActionsView::roll_up(ViewBatch& batch, const Ulid& id) {
  return roll_ups_.edit(batch, action_key(ActionsKey::roll_up, id));
}

ActionRollUp& ActionsView::start_roll_up(ViewBatch& batch, const Recorded& recorded,
                                         const ActionRecord& of, FleetId fleet) {
  ActionRollUp& roll_up = this->roll_up(batch, recorded.meta.command);
  roll_up.n = of.n;
  roll_up.kind = of.order.kind;
  roll_up.asked = asked_by(recorded);
  const auto place = std::ranges::lower_bound(roll_up.fleets, fleet);
  if (place == roll_up.fleets.end() || *place != fleet) roll_up.fleets.insert(place, fleet);
  return roll_up;
}

ActionProgress& ActionsView::touch(ViewBatch& batch, ActionRecord& wide, DeviceId device) {
  const auto key = action_key(ActionsKey::part, wide.n, device);
  const auto listed = action_key(ActionsKey::action_of_device, device, NewestFirst{wide.n});
  ActionProgress& part = parts_.edit(batch, key);
  if (batch.get(listed)) return part;
  batch.put(listed, {});
  wide.untouched -= 1;
  stop_if_all_touched(batch, wide);
  return part;
}

template <typename E>
ActionProgress& ActionsView::progress(ViewBatch& batch, const E& e) {
  ActionRecord& action = record(batch, e.n);
  return e.fleet == FleetId{} ? action.progress : touch(batch, action, e.device);
}

void ActionsView::count(ViewBatch& batch, const ActionRecord& of, ActionState from, ActionState to,
                        std::uint32_t devices) {
  for (const ActionAsked& asked : of.asked) roll_up(batch, asked.id).move(from, to, devices);
}

template <typename E>
void ActionsView::advance(ViewBatch& batch, const E& e, ActionProgress& progress, ActionState to) {
  count(batch, record(batch, e.n), progress.state, to, 1);
  progress.state = to;
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionQueued& e) {
  const Sequence n = recorded.sequence;
  ActionRecord& action = record(batch, n);
  action.n = n;
  action.order = e.order;
  action.device = e.device;
  action.by_move = e.by_move;
  action.asked = {asked_by(recorded)};
  set_deadline(batch, {.device = e.device, .fleet = {}, .n = n}, action.progress.deadline,
               e.order.deliver_by);
  const FleetId fleet = fleet_of(batch, e.device);
  start_roll_up(batch, recorded, action, fleet).add(ActionState::queued, 1);
  list(batch, recorded.meta.command, n);
  batch.put(action_key(ActionsKey::action_of_device, e.device, NewestFirst{n}), {});
  batch.put(action_key(ActionsKey::action_of_fleet, fleet, NewestFirst{n}), {});
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const FleetActionQueued& e) {
  const Sequence n = recorded.sequence;
  ActionRecord& action = record(batch, n);
  action.n = n;
  action.order = e.order;
  action.fleet = e.fleet;
  action.last_device = e.last_device;
  action.asked = {asked_by(recorded)};
  action.untouched = e.devices;
  set_deadline(batch, {.device = {}, .fleet = e.fleet, .n = n}, action.progress.deadline,
               e.order.deliver_by);
  start_roll_up(batch, recorded, action, e.fleet).add(ActionState::queued, e.devices);
  list(batch, recorded.meta.command, n);
  batch.put(action_key(ActionsKey::wide_of_fleet, e.fleet, NewestFirst{n}),
            id_bytes(e.last_device));
  batch.put(action_key(ActionsKey::action_of_fleet, e.fleet, NewestFirst{n}), {});
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionSkipped& e) {
  ActionRollUp& roll_up = this->roll_up(batch, recorded.meta.command);
  const auto devices = static_cast<std::uint32_t>(e.devices.size());
  const bool wide = e.fleet != FleetId{};
  ActionRecord& action = record(batch, wide ? roll_up.n : recorded.sequence);
  if (wide) {
    roll_up.move(ActionState::queued, ActionState::skipped, devices);
  } else {
    action.n = recorded.sequence;
    action.order.kind = roll_up.kind;
    action.asked = {asked_by(recorded)};
    action.untouched = devices;
    action.progress.state = ActionState::skipped;
    roll_up.add(ActionState::skipped, devices);
    list(batch, recorded.meta.command, action.n);
  }
  for (const DeviceId device : e.devices) {
    ActionProgress& part = touch(batch, action, device);
    part.state = ActionState::skipped;
    part.cause = e.reason;
    part.ended_at = recorded.meta.at;
  }
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionMerged& e) {
  ActionRecord& action = record(batch, e.n);
  const bool wide = e.fleet != FleetId{};
  const ActionRollUp first = roll_up(batch, action.asked.front().id);
  action.asked.push_back(asked_by(recorded));
  action.order.deliver_by = e.deliver_by;
  set_deadline(batch, clock_of(e), action.progress.deadline, e.deliver_by);
  const FleetId fleet = wide ? e.fleet : fleet_of(batch, e.device);
  ActionRollUp& roll_up = start_roll_up(batch, recorded, action, fleet);
  if (wide) {
    roll_up.counts = first.counts;
  } else {
    roll_up.add(action.progress.state, 1);
  }
  list(batch, recorded.meta.command, e.n);
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionPublished& e) {
  ActionProgress& its = progress(batch, e);
  its.attempts = e.attempt;
  if (e.attempt > 1) return;
  its.published_at = recorded.meta.at;
  set_deadline(batch, clock_of(e), its.deadline, record(batch, e.n).order.deliver_by);
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionDelivered& e) {
  ActionProgress& its = progress(batch, e);
  its.delivered_at = recorded.meta.at;
  const std::uint32_t within = record(batch, e.n).order.execute_within_s;
  set_deadline(
      batch, clock_of(e), its.deadline,
      within == 0 ? std::nullopt : std::optional(recorded.meta.at + std::chrono::seconds(within)));
  advance(batch, e, its, ActionState::delivered);
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionStarted& e) {
  ActionProgress& its = progress(batch, e);
  its.started_at = recorded.meta.at;
  const std::uint32_t within = record(batch, e.n).order.execute_within_s;
  if (!its.delivered_at) {
    its.delivered_at = recorded.meta.at;
    set_deadline(batch, clock_of(e), its.deadline,
                 within == 0 ? std::nullopt
                             : std::optional(recorded.meta.at + std::chrono::seconds(within)));
  }
  advance(batch, e, its, ActionState::started);
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionEnded& e) {
  ActionProgress& its = progress(batch, e);
  its.cause = e.cause;
  its.code = e.code;
  its.message = e.message;
  its.ended_at = recorded.meta.at;
  set_deadline(batch, clock_of(e), its.deadline, std::nullopt);
  advance(batch, e, its, e.state);
}

void ActionsView::fold(ViewBatch& batch, const Recorded&, const ActionCancelRequested& e) {
  progress(batch, e).cancelling = e.cause;
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const FleetActionEnded& e) {
  ActionRecord& action = record(batch, e.n);
  count(batch, action, ActionState::queued, e.state, e.devices);
  action.untouched -= e.devices;
  action.progress.state = e.state;
  action.progress.cause = e.cause;
  action.progress.ended_at = recorded.meta.at;
  stop_if_all_touched(batch, action);
}

void ActionsView::fold(ViewBatch& batch, const Recorded& recorded, const ActionLateResult& e) {
  progress(batch, e).late =
      LateResult{.state = e.state, .code = e.code, .message = e.message, .at = recorded.meta.at};
}

void ActionsView::apply(ViewBatch& batch, const Recorded& recorded) {
  const auto live_in = [&](DeviceId device, FleetId fleet) {
    batch.put(action_key(ActionsKey::fleet_of_device, device), id_bytes(fleet));
  };
  std::visit(Overloaded{
                 [&](const DeviceRegistered& e) { live_in(e.id, e.fleet); },
                 [&](const DeviceMoved& e) { live_in(e.id, e.to); },
                 [&](const auto& e) {
                   // All others are no part of any action.
                   if constexpr (requires { fold(batch, recorded, e); }) fold(batch, recorded, e);
                 },
             },
             recorded.event);
}

void ActionsView::finish(ViewBatch& batch) {
  records_.flush(batch);
  parts_.flush(batch);
  roll_ups_.flush(batch);
}

}  // namespace muster
