#pragma once

#include "core/domain/event.h"
#include "core/domain/tables.h"

namespace muster {

// What the events of settings and lives do to the rows; part of `evolve`.

void apply(Tables& tables, const Recorded& recorded, const DevicePublicUrlSet& e);
void apply(Tables& tables, const Recorded& recorded, const FleetPublicUrlsSet& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceLockOverrideSet& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceLocalModeSet& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceSettingSkipped& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceSupportGranted& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceSupportEnded& e);
void apply(Tables& tables, const Recorded& recorded, const FleetSupportGranted& e);
void apply(Tables& tables, const Recorded& recorded, const FleetSupportEnded& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceTypeChanged& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceDeactivated& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceReactivated& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceDeleted& e);
void apply(Tables& tables, const Recorded& recorded, const FleetTypeChanged& e);
void apply(Tables& tables, const Recorded& recorded, const FleetRenamed& e);
void apply(Tables& tables, const Recorded& recorded, const FleetTransferred& e);
void apply(Tables& tables, const Recorded& recorded, const FleetDeleted& e);
void apply(Tables& tables, const Recorded& recorded, const OrganisationBillingSet& e);

/// Takes the device out of the counts of its fleet, or puts it in, by what it is then.
void uncount(Fleet& fleet, const Device& device);
void count(Fleet& fleet, const Device& device);

}  // namespace muster
