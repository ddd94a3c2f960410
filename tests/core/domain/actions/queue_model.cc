#include "tests/core/domain/actions/queue_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/overloaded.h"

namespace muster::test {

QueueModel::Part& QueueModel::part(N n, DeviceId device, const char* what) {
  const auto action = actions.find(n);
  const bool exists = action != actions.end() && action->second.parts.contains(device.value());
  if (!exists) {
    broken.push_back(fmt::format("{} of action {} on device {}", what, n, device.value()));
  }
  return actions[n].parts[device.value()];
}

void QueueModel::end(N n, DeviceId device, ActionState state) {
  Part& its = part(n, device, "end");
  if (its.end) broken.push_back(fmt::format("second end of {} on {}", n, device.value()));
  its.end = state;
}

void QueueModel::end_rest(N n, ActionState state, std::uint32_t told) {
  std::uint32_t ended = 0;
  for (auto& [device, its] : actions[n].parts) {
    if (its.published || its.end) continue;
    its.end = state;
    ++ended;
  }
  if (ended != told) broken.push_back(fmt::format("{} ended for {} of {}", n, told, ended));
}

void QueueModel::see(std::uint64_t sequence, const Event& event) {
  std::visit(
      Overloaded{[&](const DeviceRegistered& e) { fleet_of[e.id.value()] = e.fleet.value(); },
                 [&](const DeviceMoved& e) { fleet_of[e.id.value()] = e.to.value(); },
                 [&](const ActionQueued& e) { actions[sequence].parts[e.device.value()] = {}; },
                 [&](const FleetActionQueued& e) { queue_wide(sequence, e); },
                 [&](const ActionSkipped& e) {
                   if (e.fleet == FleetId{}) return;
                   for (const DeviceId device : e.devices) {
                     end(actions.rbegin()->first, device, ActionState::skipped);
                   }
                 },
                 [&](const ActionPublished& e) {
                   Part& its = part(e.n.value(), e.device, "publish");
                   if (its.end) broken.push_back(fmt::format("{} sent again", e.n.value()));
                   its.published = true;
                 },
                 [&](const ActionEnded& e) { end(e.n.value(), e.device, e.state); },
                 [&](const FleetActionEnded& e) { end_rest(e.n.value(), e.state, e.devices); },
                 [](const auto&) {}},
      event);
}

void QueueModel::queue_wide(std::uint64_t sequence, const FleetActionQueued& e) {
  Action& action = actions[sequence];
  action.fleet = e.fleet.value();
  for (const auto& [device, fleet] : fleet_of) {
    if (fleet == e.fleet.value()) action.parts[device] = {};
  }
  if (action.parts.size() != e.devices) broken.push_back(fmt::format("devices of {}", sequence));
}

std::vector<QueueModel::N> QueueModel::queue_of(Id device) const {
  std::vector<N> queue;
  for (const auto& [n, action] : actions) {
    const auto its = action.parts.find(device);
    if (its != action.parts.end() && !its->second.end) queue.push_back(n);
  }
  return queue;
}

std::uint32_t QueueModel::ended(N n, ActionState state) const {
  const auto& parts = actions.at(n).parts;
  return static_cast<std::uint32_t>(
      std::ranges::count_if(parts, [&](const auto& its) { return its.second.end == state; }));
}

std::uint32_t QueueModel::in_flight(N n) const {
  const auto& parts = actions.at(n).parts;
  return static_cast<std::uint32_t>(std::ranges::count_if(
      parts, [](const auto& its) { return its.second.published && !its.second.end; }));
}

std::uint32_t QueueModel::open(N n) const {
  const auto& parts = actions.at(n).parts;
  return static_cast<std::uint32_t>(
      std::ranges::count_if(parts, [](const auto& its) { return !its.second.end; }));
}

}  // namespace muster::test
