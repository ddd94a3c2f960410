#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/selection.h"
#include "core/domain/filter/version_order.h"

// Telling devices to do something.

namespace muster {
namespace {

constexpr std::size_t os_version_size_max = 64;
constexpr std::size_t obstacles_named_max = 20;
constexpr std::size_t skipped_per_event_max = 10'000;

using Checked = tl::expected<void, Rejection>;

Checked check_times(const Context& context, const QueueAction& command) {
  const auto& deliver_by = command.order.deliver_by;
  if (deliver_by && command.online_only) {
    return reject(RejectionCode::invalid_field, "deliver_by",
                  "what is delivered now or dropped has no time to be delivered by",
                  "leave one of the two out");
  }
  if (deliver_by && (*deliver_by <= context.now || *deliver_by > context.now + delivery_max)) {
    return reject(RejectionCode::invalid_field, "deliver_by",
                  "an action is delivered in the future, at most 366 days from now",
                  "give another time");
  }
  if (command.order.execute_within_s > execution_s_max) {
    return reject(RejectionCode::invalid_field, "execute_within_s",
                  "a device has at most 7 days to execute an action", "give a shorter time");
  }
  return {};
}

Checked check_os_version(const ActionOrder& order) {
  const bool updates = order.kind == ActionKind::os_update;
  if (!updates && order.os_version.empty()) return {};
  if (!updates) {
    return reject(RejectionCode::invalid_field, "os_version",
                  "only an os-update has a version to update to", "leave it out");
  }
  if (order.os_version.size() <= os_version_size_max && parse_version(order.os_version)) return {};
  return reject(RejectionCode::invalid_field, "os_version",
                "an os-update names the version to update to, e.g. 2.98.33",
                "give the version of a host OS");
}

Checked check_confirmed(const Context& context, const QueueAction& command) {
  if (context.command.confirmed) return {};
  const ActionKind kind = command.order.kind;
  if (kind == ActionKind::shutdown) {
    return reject(RejectionCode::confirmation_needed, "shutdown",
                  "nobody can start a device again from afar",
                  "repeat with --yes if that is meant");
  }
  if (kind == ActionKind::purge && !command.fleet.empty()) {
    return reject(RejectionCode::confirmation_needed, fmt::format("fleet {}", command.fleet),
                  "the data of all its devices would be deleted",
                  "repeat with --yes if that is meant");
  }
  return {};
}

ActionOrder order_of(const Context& context, const QueueAction& command) {
  ActionOrder order = command.order;
  if (!order.deliver_by) {
    order.deliver_by = context.now + (command.online_only ? delivery_now : delivery_default);
  }
  if (order.execute_within_s == 0) order.execute_within_s = default_execution_s(order.kind);
  return order;
}

bool is_careful(const ActionOrder& order) {
  return order.max_parallel != 0 || order.stop_after_failures != 0;
}

bool are_equal(const ActionOrder& a, const ActionOrder& b) {
  return a.kind == b.kind && a.os_version == b.os_version && a.force == b.force && !is_careful(a) &&
         !is_careful(b);
}

std::optional<Timestamp> later(const std::optional<Timestamp>& a,
                               const std::optional<Timestamp>& b) {
  return a && b ? std::optional(std::max(*a, *b)) : std::nullopt;
}

tl::unexpected<Rejection> queue_full(std::string entity) {
  return reject(RejectionCode::queue_full, std::move(entity),
                fmt::format("at most {} actions may be open", queue_size_max),
                "wait for some to end, or cancel them");
}

// --- One device after the other ---

struct Obstacle {
  const Device* device = nullptr;
  EndCause reason = EndCause::not_online;
  std::string message;
};

std::optional<Obstacle> find_obstacle_for(const Context& context, const QueueAction& command,
                                          const Device& device) {
  const DeviceType& type = *context.state.find(device.device_type);
  const auto found = find_obstacle(command.order, device, type);
  if (found) return Obstacle{&device, found->reason, found->message};
  if (!command.online_only || std::ranges::binary_search(command.online, device.id)) {
    return std::nullopt;
  }
  return Obstacle{&device, EndCause::not_online, "it is not online"};
}

tl::unexpected<Rejection> not_applicable(const std::vector<Obstacle>& obstacles,
                                         std::size_t devices) {
  const Obstacle& first = obstacles.front();
  const std::string remedy = "leave it out, or skip whom it does not fit (--skip-inapplicable)";
  if (devices == 1) {
    return reject(RejectionCode::not_applicable, entity_of(*first.device), first.message, remedy);
  }
  auto rejection = reject(RejectionCode::not_applicable,
                          fmt::format("{} of {} devices", obstacles.size(), devices),
                          "the action does not fit them", remedy);
  for (const Obstacle& obstacle : obstacles) {
    auto& candidates = rejection.value().candidates;
    if (candidates.size() == obstacles_named_max) break;
    candidates.push_back(fmt::format("{}: {}", to_string(obstacle.device->uuid), obstacle.message));
  }
  return rejection;
}

/// Queues `order` for one device, behind or in place of what it has to do already.
Checked queue_for(const Context& context, const Device& device, const ActionOrder& order,
                  std::vector<Event>& events) {
  const OpenActions& open = context.state.open_actions();
  const auto queue = queue_of(device, open.find_queue(device.id), open.find_actions(device.fleet));
  const OpenAction* last = queue.empty() ? nullptr : queue.back().action;
  const bool merges = last != nullptr && last->fleet == FleetId{} && !last->published() &&
                      !last->by_move && are_equal(last->order, order);
  if (merges) {
    events.emplace_back(
        ActionMerged{.device = device.id,
                     .n = last->n,
                     .deliver_by = later(last->order.deliver_by, order.deliver_by)});
    return {};
  }
  if (queue.size() >= queue_size_max) return queue_full(entity_of(device));
  if (order.kind == ActionKind::os_update) {
    for (const QueuedAction& entry : queue) {
      const bool replaced =
          entry.action->order.kind == ActionKind::os_update && !entry.action->published();
      if (replaced) end_action(*entry.action, device.id, EndCause::replaced, events);
    }
  }
  events.emplace_back(ActionQueued{.device = device.id, .order = order});
  return {};
}

Checked check_active(const std::vector<const Device*>& devices) {
  const auto idle = std::ranges::find_if(
      devices, [](const Device* device) { return device->lifecycle != Lifecycle::active; });
  if (idle == devices.end()) return {};
  return reject(RejectionCode::device_not_active, entity_of(**idle),
                fmt::format("it is {}, and gets no actions", to_string((*idle)->lifecycle)),
                "leave it out");
}

Decision queue_for_devices(const Context& context, const QueueAction& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const auto active = check_active(*devices);
  if (!active) return tl::unexpected(active.error());
  std::vector<Obstacle> obstacles;
  std::vector<const Device*> fit;
  for (const Device* device : *devices) {
    if (is_done_already(command.order, *device)) continue;
    auto obstacle = find_obstacle_for(context, command, *device);
    if (!obstacle) fit.push_back(device);
    if (obstacle) obstacles.push_back(std::move(*obstacle));
  }
  // Skipping all is no way to ask for something.
  if (!obstacles.empty() && (fit.empty() || !command.skip_inapplicable)) {
    return not_applicable(obstacles, devices->size());
  }
  std::vector<Event> events;
  const ActionOrder order = order_of(context, command);
  for (const Device* device : fit) {
    const auto queued = queue_for(context, *device, order, events);
    if (!queued) return tl::unexpected(queued.error());
  }
  std::map<EndCause, std::vector<DeviceId>> skipped;
  for (const Obstacle& obstacle : obstacles) {
    skipped[obstacle.reason].push_back(obstacle.device->id);
  }
  for (auto& [reason, ids] : skipped) {
    events.emplace_back(ActionSkipped{.reason = reason, .devices = std::move(ids)});
  }
  return events;
}

// --- A whole fleet ---

/// Whom of the fleet the action does not fit. Reports are much alike: versions are compared once
/// for each different report.
std::map<EndCause, std::vector<DeviceId>> find_skipped(const Context& context, const Fleet& fleet,
                                                       const ActionOrder& order) {
  using Report = std::pair<DeviceTypeId, std::string_view>;
  std::map<Report, std::optional<EndCause>> known;
  const bool by_os = order.kind == ActionKind::os_update;
  std::map<EndCause, std::vector<DeviceId>> skipped;
  for (const Device& device : context.state.devices()) {
    if (device.fleet != fleet.id || device.lifecycle != Lifecycle::active) continue;
    const Report report{device.device_type, by_os ? device.os_version : device.agent_version};
    const auto [entry, is_new] = known.try_emplace(report);
    if (is_new) {
      const auto found = find_obstacle(order, device, *context.state.find(device.device_type));
      if (found) entry->second = found->reason;
      if (is_done_already(order, device)) entry->second = EndCause::not_needed;
    }
    if (entry->second) skipped[*entry->second].push_back(device.id);
  }
  return skipped;
}

void skip(std::vector<Event>& events, FleetId fleet, EndCause reason,
          const std::vector<DeviceId>& devices) {
  for (std::size_t from = 0; from < devices.size(); from += skipped_per_event_max) {
    const auto first = devices.begin() + static_cast<std::ptrdiff_t>(from);
    const auto size = std::min(skipped_per_event_max, devices.size() - from);
    events.emplace_back(
        ActionSkipped{.fleet = fleet,
                      .reason = reason,
                      .devices = {first, first + static_cast<std::ptrdiff_t>(size)}});
  }
}

/// The fleet-wide action that is the last one queued, if `order` may become one with it: it
/// touched no device yet, and the fleet has the same devices.
const FleetAction* find_equal(const Fleet& fleet, const FleetActions* actions,
                              const ActionOrder& order) {
  if (actions == nullptr || actions->open.empty()) return nullptr;
  const FleetAction& last = actions->open.back();
  const bool untouched =
      !last.ended && last.counts.in_flight == 0 && last.counts.ended == last.counts.skipped;
  const bool same =
      untouched && fleet.joined < last.action.n && are_equal(last.action.order, order);
  return same ? &last : nullptr;
}

/// Refuses a command about a fleet's devices at another version, or of another number.
Found<Fleet> find_fleet_with_devices(const Context& context, const std::string& slug) {
  const auto fleet = find_fleet(context, slug, Role::fleet_operator);
  if (!fleet) return fleet;
  const std::string entity = fmt::format("fleet {}", (*fleet)->slug);
  if ((*fleet)->devices == 0) {
    return reject(RejectionCode::empty_selection, entity, "it has no active devices",
                  "`muster device register` adds one");
  }
  const auto fresh = check_version(context, (*fleet)->version, entity);
  if (!fresh) return tl::unexpected(fresh.error());
  const auto counted = check_count(context, (*fleet)->devices);
  if (!counted) return tl::unexpected(counted.error());
  return fleet;
}

Decision queue_for_fleet(const Context& context, const QueueAction& command) {
  const auto fleet = find_fleet_with_devices(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  const ActionOrder order = order_of(context, command);
  const FleetActions* actions = context.state.open_actions().find_actions((*fleet)->id);
  if (const FleetAction* last = find_equal(**fleet, actions, order)) {
    return std::vector<Event>{
        ActionMerged{.fleet = (*fleet)->id,
                     .n = last->action.n,
                     .deliver_by = later(last->action.order.deliver_by, order.deliver_by)}};
  }
  const std::size_t open = actions == nullptr ? 0 : actions->open.size();
  if (open >= queue_size_max) return queue_full(fmt::format("fleet {}", (*fleet)->slug));
  std::vector<Event> events;
  if (order.kind == ActionKind::os_update && actions != nullptr) {
    for (const FleetAction& wide : actions->open) {
      if (wide.action.order.kind != ActionKind::os_update) continue;
      end_untouched((*fleet)->id, wide, EndCause::replaced, events);
    }
  }
  events.emplace_back(
      FleetActionQueued{.fleet = (*fleet)->id,
                        .order = order,
                        .devices = (*fleet)->devices,
                        .last_device = DeviceId{context.state.next_device().value() - 1}});
  if (order.kind == ActionKind::restart || order.kind == ActionKind::blink) return events;
  for (const auto& [reason, devices] : find_skipped(context, **fleet, order)) {
    skip(events, (*fleet)->id, reason, devices);
  }
  return events;
}

}  // namespace

Decision decide_one(const Context& context, const QueueAction& command) {
  for (const auto& checked : {check_times(context, command), check_os_version(command.order),
                              check_confirmed(context, command)}) {
    if (!checked) return tl::unexpected(checked.error());
  }
  return command.fleet.empty() ? queue_for_devices(context, command)
                               : queue_for_fleet(context, command);
}

}  // namespace muster
