#include <fmt/format.h>

#include <algorithm>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/fleet_type.h"
#include "core/domain/decide/devices/selection.h"

// Moving devices to another fleet.

namespace muster {
namespace {

using Checked = tl::expected<void, Rejection>;

Checked check_fit(const State& state, const Device& device, const Fleet& to) {
  const DeviceType& type = *state.find(device.device_type);
  const DeviceType& wanted = *state.find(to.device_type);
  if (!can_run(type.architecture, wanted.architecture)) {
    return reject(RejectionCode::incompatible_architecture, entity_of(device),
                  fmt::format("it is {} ({}), and fleet {} is of {} ({})", type.slug,
                              type.architecture, to.slug, wanted.slug, wanted.architecture),
                  "`muster device move UUID --list` shows the fleets it may be moved to");
  }
  return check_fleet_type(device, to.type);
}

/// True if the device is known to run a release of its fleet, after the purge that goes before it.
bool reported_its_fleet(const State& state, const Device& device) {
  if (device.after_action != Sequence{}) return false;
  return std::ranges::any_of(state.releases_of(device.fleet), [&](ReleaseId id) {
    return state.find(id)->commit == device.running_commit;
  });
}

/// Whose data the device has: its own fleet's, unless it was moved here and did not get so far.
FleetId data_on(const State& state, const Device& device) {
  const DeviceQueue* queue = state.open_actions().find_queue(device.id);
  const bool others = queue != nullptr && queue->data_of && !reported_its_fleet(state, device);
  return others ? *queue->data_of : device.fleet;
}

void move(const State& state, const Device& device, FleetId to, std::optional<ReleaseId> pin,
          std::vector<Event>& events) {
  const FleetId data_of = data_on(state, device);
  const bool keeps_data = data_of == to;
  const bool purges = !keeps_data && may_have_volumes(device);
  end_queue(state, device, EndCause::moved, events);
  events.emplace_back(DeviceMoved{.id = device.id,
                                  .from = device.fleet,
                                  .to = to,
                                  .pin = pin,
                                  .previous_pin = device.pin,
                                  .data_of = purges ? std::optional(data_of) : std::nullopt});
  if (!purges) return;
  events.emplace_back(
      ActionQueued{.device = device.id, .order = {.kind = ActionKind::purge}, .by_move = true});
}

Checked check_device(const State& state, const Device& device, const Fleet& to) {
  if (device.lifecycle == Lifecycle::active || device.lifecycle == Lifecycle::deactivated) {
    return check_fit(state, device, to);
  }
  return reject(RejectionCode::device_not_active, entity_of(device),
                fmt::format("it is {}", to_string(device.lifecycle)),
                "register it again in the fleet it is to be in");
}

}  // namespace

Decision decide_one(const Context& context, const MoveDevices& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const auto fleet = find_fleet(context, command.fleet, Role::fleet_operator);
  if (!fleet) return tl::unexpected(fleet.error());
  const Fleet& to = **fleet;
  std::optional<ReleaseId> pin;
  if (!command.pin.empty()) {
    const auto release = find_release(context, to, command.pin, ReleaseUse::pin);
    if (!release) return tl::unexpected(release.error());
    pin = (*release)->id;
  }
  if (devices->size() == 1 && devices->front()->fleet == to.id) {
    return reject(RejectionCode::already_in_fleet, entity_of(*devices->front()),
                  fmt::format("it is in fleet {} already", to.slug),
                  "`muster device pin` pins it, `muster device track-fleet` unpins it");
  }
  std::vector<Event> events;
  for (const Device* device : *devices) {
    if (device->fleet == to.id) continue;
    const auto fits = check_device(context.state, *device, to);
    if (!fits) return tl::unexpected(fits.error());
    move(context.state, *device, to.id, pin, events);
  }
  return events;
}

}  // namespace muster
