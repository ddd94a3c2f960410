#include <fmt/format.h>

#include <algorithm>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/devices/selection.h"

// What becomes of devices: another type, deactivated, deleted.

namespace muster {
namespace {

const DeviceType& type_of_fleet(const Context& context, const Device& device) {
  return *context.state.find(context.state.find(device.fleet)->device_type);
}

tl::expected<void, Rejection> check_may_rest(const Context& context, const Device& device,
                                             const std::vector<DeviceId>& offline) {
  const Fleet& fleet = *context.state.find(device.fleet);
  if (fleet.type == FleetType::starter) {
    return reject(
        RejectionCode::fleet_type_forbids, entity_of(device),
        fmt::format("devices of a starter fleet, as {} is, cannot be deactivated", fleet.slug),
        "change the fleet's type first: `muster fleet change-type`");
  }
  const Organisation& organisation = *context.state.find(fleet.organisation);
  if (!organisation.billing_valid) {
    return reject(RejectionCode::billing_invalid,
                  fmt::format("organisation {}", organisation.handle),
                  "a deactivation costs a one-time fee, and its billing is not valid",
                  "ask an instance administrator: `muster org billing`");
  }
  if (!std::ranges::binary_search(offline, device.id)) {
    return reject(RejectionCode::device_online, entity_of(device),
                  "only a device that is offline can be deactivated, and it is online, or not "
                  "known to be offline",
                  "disconnect it first; after a start of the server it takes a while to know");
  }
  return {};
}

}  // namespace

Decision decide_one(const Context& context, const ChangeDeviceType& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const DeviceType* type = context.state.find_device_type(command.device_type);
  if (type == nullptr) {
    return reject(RejectionCode::unknown_device_type,
                  fmt::format("device type {}", command.device_type),
                  "there is no such device type", "`muster device-type list` shows all");
  }
  std::vector<Event> events;
  for (const Device* device : *devices) {
    if (device->device_type == type->id) continue;
    const DeviceType& fleets = type_of_fleet(context, *device);
    if (!can_run(type->architecture, fleets.architecture) && !context.command.confirmed) {
      return reject(
          RejectionCode::confirmation_needed, entity_of(*device),
          fmt::format("{} is {}, which does not run what is built for its fleet, {} ({}): "
                      "the device would be flagged incompatible",
                      type->slug, type->architecture, fleets.slug, fleets.architecture),
          "repeat with --yes if it was provisioned wrongly; this changes no OS");
    }
    events.emplace_back(DeviceTypeChanged{
        .id = device->id, .device_type = type->id, .previous = device->device_type});
    withdraw_os_updates(context.state, *device, events);
  }
  return events;
}

Decision decide_one(const Context& context, const DeactivateDevices& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  std::vector<Event> events;
  for (const Device* device : *devices) {
    if (device->lifecycle == Lifecycle::deactivated) continue;
    const auto allowed = check_may_rest(context, *device, command.offline);
    if (!allowed) return tl::unexpected(allowed.error());
    end_queue(context.state, *device, EndCause::deactivated, events);
    events.emplace_back(DeviceDeactivated{
        .id = device->id, .organisation = context.state.find(device->fleet)->organisation});
  }
  return events;
}

Decision decide_one(const Context& context, const DeleteDevices& command) {
  const auto devices = find_selection(context, command.devices, command.selected, Orphans::taken);
  if (!devices) return tl::unexpected(devices.error());
  if (!context.command.confirmed) {
    return reject(RejectionCode::confirmation_needed,
                  devices->size() == 1 ? entity_of(*devices->front())
                                       : fmt::format("{} devices", devices->size()),
                  "deleting a device must be confirmed: it keeps running what it has, but never "
                  "gets updates or actions again unless it is provisioned anew",
                  "repeat with --yes");
  }
  std::vector<Event> events;
  for (const Device* device : *devices) {
    end_queue(context.state, *device, EndCause::deleted, events);
    events.emplace_back(DeviceDeleted{.id = device->id, .previous_pin = device->pin});
  }
  return events;
}

}  // namespace muster
