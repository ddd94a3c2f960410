#pragma once

#include "core/domain/event.h"
#include "core/domain/tables.h"

namespace muster {

// What each fact about actions does to the rows; see evolve.
void apply(Tables& tables, const Recorded& recorded, const ActionQueued& e);
void apply(Tables& tables, const Recorded& recorded, const FleetActionQueued& e);
void apply(Tables& tables, const Recorded& recorded, const ActionSkipped& e);
void apply(Tables& tables, const Recorded& recorded, const ActionMerged& e);
void apply(Tables& tables, const Recorded& recorded, const ActionPublished& e);
void apply(Tables& tables, const Recorded& recorded, const ActionDelivered& e);
void apply(Tables& tables, const Recorded& recorded, const ActionStarted& e);
void apply(Tables& tables, const Recorded& recorded, const ActionEnded& e);
void apply(Tables& tables, const Recorded& recorded, const ActionCancelRequested& e);
void apply(Tables& tables, const Recorded& recorded, const FleetActionEnded& e);
void apply(Tables& tables, const Recorded& recorded, const ActionLateResult& e);
void apply(Tables& tables, const Recorded& recorded, const DeviceMoved& e);

/// The device is new in its fleet: no fleet-wide action of before is for it.
void rejoin(Tables& tables, const Recorded& recorded, DeviceId id);

}  // namespace muster
