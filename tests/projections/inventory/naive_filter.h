#pragma once

#include <vector>

#include "core/domain/filter/filter.h"
#include "core/domain/state.h"
#include "projections/inventory/evaluation.h"

namespace muster::test {

/// What a filter selects, found device by device from plain rows: slow and easy to believe.
class NaiveFilter {
 public:
  /// `changed`: when the pin or the running release of device N last changed, at place N.
  NaiveFilter(const State& state, const InventoryScope& scope, std::vector<Timestamp> changed)
      : state_(state), scope_(scope), changed_(std::move(changed)) {}

  [[nodiscard]] std::vector<DeviceId> select(const Filter& filter) const;

 private:
  [[nodiscard]] bool fits(const Filter& filter, const Device& device) const;
  [[nodiscard]] bool fits(const FilterTerm& term, const Device& device) const;
  [[nodiscard]] bool named(const std::string& name, const Release* release) const;
  [[nodiscard]] bool off_target(const Device& device, std::chrono::seconds least) const;
  [[nodiscard]] const Release* target(const Device& device) const;
  [[nodiscard]] LiveState live(const Device& device) const;

  const State& state_;
  const InventoryScope& scope_;
  std::vector<Timestamp> changed_;
};

}  // namespace muster::test
