#include "core/domain/lifecycle/lifecycle_evolve.h"

#include <algorithm>

#include "core/domain/actions/evolve_actions.h"
#include "core/domain/lifecycle/settings.h"

namespace muster {
namespace {

Change change_of(const Recorded& recorded) { return {recorded.sequence, recorded.meta.at}; }

/// The device, of which something is changed that it is told.
Device& retell(Tables& tables, const Recorded& recorded, DeviceId id) {
  Device& device = tables.edit(id);
  device.target_changed = change_of(recorded);
  device.version = recorded.sequence;
  return device;
}

/// The device becomes `lifecycle`, in its row and in the counts of its fleet.
Device& become(Tables& tables, const Recorded& recorded, DeviceId id, Lifecycle lifecycle) {
  Fleet& fleet = tables.edit(tables.edit(id).fleet);
  Device& device = retell(tables, recorded, id);
  uncount(fleet, device);
  settle(device, fleet, recorded.sequence);
  device.lifecycle = lifecycle;
  count(fleet, device);
  return device;
}

Fleet& change_fleet(Tables& tables, const Recorded& recorded, FleetId id) {
  Fleet& fleet = tables.edit(id);
  fleet.version = recorded.sequence;
  return fleet;
}

}  // namespace

void uncount(Fleet& fleet, const Device& device) {
  if (device.lifecycle == Lifecycle::deactivated) fleet.deactivated_devices -= 1;
  if (device.lifecycle != Lifecycle::active) return;
  fleet.devices -= 1;
  if (device.pin) fleet.pinned_devices -= 1;
  if (has_public_url(device, fleet)) fleet.public_urls -= 1;
}

void count(Fleet& fleet, const Device& device) {
  if (device.lifecycle == Lifecycle::deactivated) fleet.deactivated_devices += 1;
  if (device.lifecycle != Lifecycle::active) return;
  fleet.devices += 1;
  if (device.pin) fleet.pinned_devices += 1;
  if (has_public_url(device, fleet)) fleet.public_urls += 1;
}

// --- Settings ---

void apply(Tables& tables, const Recorded& recorded, const DevicePublicUrlSet& e) {
  Device& device = retell(tables, recorded, e.id);
  Fleet& fleet = tables.edit(device.fleet);
  uncount(fleet, device);
  device.set(DeviceFlag::public_url, e.enabled);
  device.settled = recorded.sequence;
  count(fleet, device);
}

void apply(Tables& tables, const Recorded& recorded, const FleetPublicUrlsSet& e) {
  Fleet& fleet = change_fleet(tables, recorded, e.fleet);
  stamp_urls(fleet, UrlStamp{.changed = change_of(recorded), .enabled = e.enabled});
  fleet.public_urls = e.enabled ? fleet.devices : 0;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceLockOverrideSet& e) {
  Device& device = retell(tables, recorded, e.id);
  device.set(DeviceFlag::lock_override, e.enabled);
  device.set(DeviceFlag::keep_override, e.enabled && e.keep);
}

void apply(Tables& tables, const Recorded& recorded, const DeviceLocalModeSet& e) {
  retell(tables, recorded, e.id).set(DeviceFlag::local_mode, e.enabled);
}

void apply(Tables&, const Recorded&, const DeviceSettingSkipped&) {}

// --- Support access ---

void apply(Tables& tables, const Recorded& recorded, const DeviceSupportGranted& e) {
  Device& device = retell(tables, recorded, e.id);
  device.support_until = e.until;
  device.set(DeviceFlag::support_expired, false);
}

// That a grant would end the device was told with it.
void apply(Tables& tables, const Recorded& recorded, const DeviceSupportEnded& e) {
  if (e.how == GrantEnd::expired) {
    tables.edit(e.id).set(DeviceFlag::support_expired, true);
    return;
  }
  retell(tables, recorded, e.id).support_until = {};
}

void apply(Tables& tables, const Recorded& recorded, const FleetSupportGranted& e) {
  FleetSupport& support = change_fleet(tables, recorded, e.fleet).support;
  support = {.until = e.until,
             .longest = std::max(support.longest, e.until),
             .changed = change_of(recorded),
             .ended = {}};
}

void apply(Tables& tables, const Recorded& recorded, const FleetSupportEnded& e) {
  FleetSupport& support = tables.edit(e.fleet).support;
  support.ended = recorded.sequence;
  if (e.how == GrantEnd::expired) return;
  support.until = {};
  support.changed = change_of(recorded);
  change_fleet(tables, recorded, e.fleet);
}

// --- Lives of devices ---

void apply(Tables& tables, const Recorded& recorded, const DeviceTypeChanged& e) {
  Device& device = tables.edit(e.id);
  device.device_type = e.device_type;
  device.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceDeactivated& e) {
  become(tables, recorded, e.id, Lifecycle::deactivated);
  tables.edit(e.organisation).deactivation_fees += 1;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceReactivated& e) {
  // What its fleet set for all while it was away was not for it.
  tables.edit(e.id).settled = recorded.sequence;
  const Device& device = become(tables, recorded, e.id, Lifecycle::active);
  tables.edit(device.fleet).joined = recorded.sequence;
  rejoin(tables, recorded, e.id);
}

void apply(Tables& tables, const Recorded& recorded, const DeviceDeleted& e) {
  Device& device = become(tables, recorded, e.id, Lifecycle::deleted);
  device.pin.reset();
  if (e.previous_pin) tables.edit(*e.previous_pin).pinned_devices -= 1;
}

// --- Lives of fleets, and their organisations ---

void apply(Tables& tables, const Recorded& recorded, const FleetTypeChanged& e) {
  change_fleet(tables, recorded, e.fleet).type = e.type;
}

void apply(Tables& tables, const Recorded& recorded, const FleetRenamed& e) {
  Fleet& fleet = change_fleet(tables, recorded, e.fleet);
  fleet.name = e.name;
  fleet.slug = e.slug;
  tables.lead_slug(e.previous_slug, std::nullopt);
  tables.lead_slug(e.slug, e.fleet);
}

void apply(Tables& tables, const Recorded& recorded, const FleetTransferred& e) {
  Fleet& placeholder = change_fleet(tables, recorded, e.placeholder);
  placeholder.deleted = recorded.sequence;
  placeholder.members.clear();
  Fleet& fleet = change_fleet(tables, recorded, e.fleet);
  fleet.organisation = e.organisation;
  fleet.vouched = recorded.sequence;
  fleet.slug = e.slug;
  std::erase_if(fleet.members, [&](const auto& member) { return member.first == e.leaver; });
  tables.lead_slug(e.previous_slug, std::nullopt);
  tables.lead_slug(e.slug, e.fleet);
}

void apply(Tables& tables, const Recorded& recorded, const FleetDeleted& e) {
  Fleet& fleet = change_fleet(tables, recorded, e.fleet);
  fleet.deleted = recorded.sequence;
  tables.lead_slug(fleet.slug, std::nullopt);
}

void apply(Tables& tables, const Recorded& recorded, const OrganisationBillingSet& e) {
  Organisation& organisation = tables.edit(e.organisation);
  organisation.billing_valid = e.valid;
  organisation.version = recorded.sequence;
}

}  // namespace muster
