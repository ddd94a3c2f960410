#include <algorithm>

#include "core/domain/check/rules.h"

namespace muster::check {
namespace {

Verdict check_device(const State& state, DeviceId id) {
  return state.find(id) == nullptr ? unknown("device", id) : std::nullopt;
}

Verdict check_fleet(const State& state, FleetId id) {
  return state.find(id) == nullptr ? unknown("fleet", id) : std::nullopt;
}

const OpenAction* find_in(const State& state, DeviceId device, Sequence n) {
  const DeviceQueue* queue = state.open_actions().find_queue(device);
  if (queue == nullptr) return nullptr;
  const auto found = std::ranges::find(queue->open, n, &OpenAction::n);
  return found == queue->open.end() ? nullptr : &*found;
}

const FleetAction* find_in(const State& state, FleetId fleet, Sequence n) {
  const FleetActions* actions = state.open_actions().find_actions(fleet);
  if (actions == nullptr) return nullptr;
  const auto found =
      std::ranges::find(actions->open, n, [](const FleetAction& wide) { return wide.action.n; });
  return found == actions->open.end() ? nullptr : &*found;
}

Verdict check_open(const State& state, DeviceId device, Sequence n) {
  return find_in(state, device, n) == nullptr ? unknown("open action", n) : std::nullopt;
}

Verdict check_open(const State& state, FleetId fleet, Sequence n) {
  return find_in(state, fleet, n) == nullptr ? unknown("open fleet-wide action", n) : std::nullopt;
}

}  // namespace

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionQueued& e) {
  return check_device(state, e.device);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetActionQueued& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  return state.find(e.fleet)->is_deleted() ? not_possible("the fleet was deleted before")
                                           : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionSkipped& e) {
  for (const DeviceId device : e.devices) {
    if (auto wrong = check_device(state, device)) return wrong;
  }
  if (e.fleet == FleetId{}) return std::nullopt;
  const FleetActions* actions = state.open_actions().find_actions(e.fleet);
  return actions == nullptr || actions->open.empty() ? unknown("open action of fleet", e.fleet)
                                                     : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionMerged& e) {
  return e.device == DeviceId{} ? check_open(state, e.fleet, e.n)
                                : check_open(state, e.device, e.n);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionPublished& e) {
  if (auto wrong = check_device(state, e.device)) return wrong;
  const OpenAction* action = find_in(state, e.device, e.n);
  const bool handed_now = e.attempt == 1 && e.fleet != FleetId{};
  if (!handed_now && action == nullptr) return unknown("open action", e.n);
  if (handed_now) {
    if (auto wrong = check_open(state, e.fleet, e.n)) return wrong;
  }
  const std::uint32_t before = action == nullptr ? 0 : action->attempts;
  return e.attempt == before + 1 ? std::nullopt : wrong_before("how often it was published");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionDelivered& e) {
  return check_open(state, e.device, e.n);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionStarted& e) {
  return check_open(state, e.device, e.n);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionEnded& e) {
  if (auto wrong = check_device(state, e.device)) return wrong;
  const bool handed = find_in(state, e.device, e.n) != nullptr;
  if (e.fleet != FleetId{}) return check_open(state, e.fleet, e.n);
  return handed ? std::nullopt : unknown("open action", e.n);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionCancelRequested& e) {
  return check_open(state, e.device, e.n);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetActionEnded& e) {
  if (auto wrong = check_open(state, e.fleet, e.n)) return wrong;
  const FleetAction& wide = *find_in(state, e.fleet, e.n);
  if (wide.ended) return not_possible("the action was over for all its other devices");
  return wide.counts.untouched() == e.devices ? std::nullopt
                                              : wrong_before("the number of devices");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ActionLateResult& e) {
  return check_device(state, e.device);
}

}  // namespace muster::check
