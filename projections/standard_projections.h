#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "projections/projection.h"

namespace muster {

/// All projections of a server: registry, targets, idempotency, device keys, inventory, actions,
/// grants, history, eras.
std::vector<std::unique_ptr<Projection>> standard_projections();

/// That of them with that name; null if there is none.
std::unique_ptr<Projection> standard_projection(std::string_view name);

}  // namespace muster
