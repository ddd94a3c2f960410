#pragma once

#include <vector>

#include "core/domain/eras.h"
#include "projections/projection.h"
#include "projections/view_store.h"

namespace muster {

/// The eras of the log: when it was created, and when it was restored.
class EraView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;
};

/// The eras so far, in order.
[[nodiscard]] std::vector<Era> load_eras(const ViewStore& store);

}  // namespace muster
