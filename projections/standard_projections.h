#pragma once

#include <memory>
#include <vector>

#include "projections/projection.h"

namespace muster {

/// All projections of a server: registry, targets, idempotency, device keys, inventory, actions,
/// grants, history.
std::vector<std::unique_ptr<Projection>> standard_projections();

}  // namespace muster
