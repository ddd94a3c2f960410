#pragma once

#include <unordered_map>
#include <vector>

#include "core/domain/event.h"
#include "projections/history/stream.h"
#include "projections/view_store.h"

namespace muster {

/// A stream that an event belongs to, and where it happened from there.
struct Concern {
  Stream stream;
  FleetId fleet;                // 0: in none.
  OrganisationId organisation;  // 0: in none, or that of the fleet.
};

/// Knows whose everything is, as far as the events of the view have told: from the stored view,
/// and for what was asked lately from memory.
class Owners {
 public:
  /// Takes from the event what it says of that, and forgets nothing.
  void learn(ViewBatch& batch, const Event& event);

  [[nodiscard]] FleetId fleet_of(const ViewBatch& batch, DeviceId device);

 private:
  void live_in(ViewBatch& batch, DeviceId device, FleetId fleet);

  std::unordered_map<DeviceId, FleetId> fleets_;
};

/// All streams, each once, that the event belongs to but the deeds of its actor, that of its
/// subject first; none for what concerns the log as a whole. The event must have been learned.
[[nodiscard]] std::vector<Concern> concerns_of(const Event& event, const ViewBatch& batch,
                                               Owners& owners);

}  // namespace muster
