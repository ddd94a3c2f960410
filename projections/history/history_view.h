#pragma once

#include <optional>

#include "core/base/clock.h"
#include "projections/history/concerns.h"
#include "projections/history/stream_blocks.h"
#include "projections/projection.h"

namespace muster {

/// Which events concern which device, fleet, organisation and user, and when what happened: an
/// index of the log, which keeps what happened itself. What a slug once meant is found here too.
class HistoryView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;

 private:
  struct Moment {
    Timestamp at;
    Sequence last;  // Of the events of that time.
  };

  static void put(ViewBatch& batch, const Moment& moment);

  Owners owners_;
  StreamBlocks blocks_;
  std::optional<Moment>
      latest_;  // Not written yet: events that were stored together have one time.
};

}  // namespace muster
