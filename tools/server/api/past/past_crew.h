#pragma once

#include <vector>

#include "projections/reader.h"

namespace muster {

/// Every device that can have been in one of `fleets` at `moment`, each once, by rising id: those
/// that are there now, and those that left since. Their past rows say whether they were.
[[nodiscard]] std::vector<DeviceId> possible_crew(const Reader& reader,
                                                  const std::vector<FleetId>& fleets,
                                                  Sequence moment);

}  // namespace muster
