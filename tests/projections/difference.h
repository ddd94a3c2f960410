#pragma once

#include <string>

#include "core/domain/state.h"
#include "projections/view_store.h"

namespace muster::test {

/// Where the stored registry, or what Reader says of it and of the target lists, differs from
/// `state` and plain loops over it. Empty: nowhere.
std::string difference(const ViewStore& store, const State& state);

}  // namespace muster::test
