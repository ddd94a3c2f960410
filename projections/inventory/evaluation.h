#pragma once

#include <chrono>
#include <string_view>

#include "core/domain/filter/filter.h"
#include "projections/inventory/device_set.h"
#include "projections/inventory/term_sets.h"
#include "projections/reader.h"

namespace muster {

/// Finds the devices that a filter selects. Names in it that mean nothing in the scope (a fleet
/// that is not there, a release that no fleet has) select nothing.
///
/// Terms are sets taken together; a term that must look at a column looks only at devices that the
/// other terms left over, and comes last. So a filter of T terms costs at most T passes over a
/// column or over the chunks of a term's values, whatever it selects.
class FilterEvaluation {
 public:
  /// Both must outlive the object.
  FilterEvaluation(const Reader& reader, const InventoryScope& scope)
      : scope_(scope), sets_(reader, scope) {}

  /// The devices of the scope that `filter` is true of; all of them without a filter.
  [[nodiscard]] DeviceSet select(const Filter* filter) const;

 private:
  [[nodiscard]] DeviceSet part(const Filter& filter, const DeviceSet& within) const;
  [[nodiscard]] DeviceSet all(const Filter& filter, DeviceSet within) const;
  [[nodiscard]] DeviceSet any(const Filter& filter, DeviceSet within) const;
  [[nodiscard]] DeviceSet term(const FilterTerm& term, const DeviceSet& within) const;
  [[nodiscard]] DeviceSet equal(const FilterTerm& term, const DeviceSet& within) const;

  [[nodiscard]] DeviceSet stuck_for(std::chrono::seconds least, const DeviceSet& within) const;
  [[nodiscard]] DeviceSet stuck_by(std::string_view cause, const DeviceSet& within) const;
  template <typename Test>
  [[nodiscard]] DeviceSet live(const DeviceSet& within, Test test) const;

  const InventoryScope& scope_;
  TermSets sets_;
};

}  // namespace muster
