#pragma once

#include <vector>

#include "projections/inventory/evaluation.h"
#include "tests/projections/history.h"

namespace muster::test {

/// A history in which filters find something: a few fleets, releases and types, devices with
/// tags, pins and reports, drawn from `choices`; and a scope that sees all fleets but the last.
struct FleetHistory {
  explicit FleetHistory(const std::vector<std::uint64_t>& choices);

  History history;
  InventoryScope scope;
  std::vector<Timestamp> changed;  // Of device N at place N; see NaiveFilter.
};

/// A filter about what such a history has, drawn with rapidcheck.
Filter any_fleet_filter(const State& state, std::size_t depth);

}  // namespace muster::test
