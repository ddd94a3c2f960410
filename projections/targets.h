#pragma once

#include <cstdint>
#include <string_view>

#include "projections/projection.h"

namespace muster {

/// Which devices a fleet has, with a pin of their own or without: a wave or a list then needs no
/// walk over all devices. To which release they are pinned, the inventory knows. The targets
/// themselves are not stored: they follow from the rows (target_of), and a change of a fleet's
/// touches one row.
class TargetsView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;
};

}  // namespace muster
