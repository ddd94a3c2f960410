#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/log/idempotency_index.h"
#include "projections/projection.h"

namespace muster {

class ViewStore;

/// Which events came of which idempotency key of whom.
class IdempotencyView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;
};

/// What IdempotencyView stored, for the engine. Any thread.
class StoredIdempotency final : public IdempotencyIndex {
 public:
  /// `store` must outlive the index.
  explicit StoredIdempotency(const ViewStore& store) : store_(store) {}

  [[nodiscard]] std::optional<RememberedCommand> find(UserId user,
                                                      std::string_view key) const override;
  [[nodiscard]] Sequence position() const override;

 private:
  const ViewStore& store_;
};

}  // namespace muster
