#pragma once

#include <cstdint>
#include <string_view>

#include "core/domain/event.h"

namespace muster {

class ViewBatch;

/// A view of the log: a left fold over its events that can be thrown away and made again.
/// Implementations: RegistryView, TargetsView, IdempotencyView, DeviceKeysView, InventoryView,
/// ActionsView, GrantsView, HistoryView, EraView.
class Projection {
 public:
  Projection() = default;
  Projection(const Projection&) = delete;
  Projection& operator=(const Projection&) = delete;
  virtual ~Projection() = default;

  /// Names its column family; never changes.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// Raised whenever the stored form or the fold changes: an older one is then folded anew.
  [[nodiscard]] virtual std::uint32_t version() const = 0;

  /// Folds one event. Reads and writes through `batch` only, which belongs to this projection;
  /// what it wrote before in the same batch it reads back.
  virtual void apply(ViewBatch& batch, const Recorded& recorded) = 0;

  /// Called once after the last `apply` of a batch, before it is committed.
  virtual void finish(ViewBatch& batch) = 0;
};

}  // namespace muster
