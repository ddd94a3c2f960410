#include "projections/rebuild/row_switch.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "projections/rebuild/log_fold.h"
#include "projections/rebuild/rebuild.h"
#include "projections/runner.h"

namespace muster {
namespace {

constexpr std::uint64_t close_events = 200;  // So many are folded while the views stand still.
constexpr int rounds_max = 50;

class RowSwitch {
 public:
  RowSwitch(const RebuildParts& parts, const FoldedRows& folded, const std::stop_token& stop)
      : parts_(parts), folded_(folded), stop_(stop), position_(folded.position) {}

  Result<void> run() {
    // A projection that holds no row but those it reads from now on.
    projection_ = parts_.make(folded_.view);
    auto added =
        parts_.store.add_rows(folded_.view, projection_->version(), folded_.files, position_);
    if (!added) return tl::unexpected(std::move(added).error());
    rows_ = *std::move(added);
    auto done = come_close();
    ViewStore::Rows before;
    if (done) {
      parts_.runner->hold([&] {
        done = fold_up_to(parts_.store.position(folded_.view));
        if (!done) return;
        before = parts_.store.switch_to(rows_);
        parts_.runner->replace(std::move(projection_));
      });
    }
    parts_.store.drop(done ? before : rows_);
    return done;
  }

 private:
  /// Folds what came meanwhile until little is left, as long as others go on.
  Result<void> come_close() {
    Result<void> done;
    for (int round = 0; round < rounds_max && done; ++round) {
      const Sequence now = parts_.store.position(folded_.view);
      if (now.value() - position_.value() <= close_events) break;
      if (stop_.stop_requested()) return tl::unexpected(rebuild_stopped());
      done = fold_up_to(now);
    }
    return done;
  }

  Result<void> fold_up_to(Sequence last) {
    return read_events({.log = parts_.log, .codec = parts_.codec, .after = position_, .last = last},
                       {}, [this](std::span<const Recorded> events) -> Result<void> {
                         std::vector<std::unique_ptr<StoreBatch>> batch;
                         batch.push_back(std::make_unique<StoreBatch>(parts_.store, rows_));
                         for (const Recorded& each : events) projection_->apply(*batch[0], each);
                         projection_->finish(*batch[0]);
                         position_ = events.back().sequence;
                         batch[0]->reach(position_);
                         parts_.store.commit(batch);
                         return {};
                       });
  }

  const RebuildParts& parts_;
  const FoldedRows& folded_;
  const std::stop_token& stop_;
  Sequence position_;  // Of rows_.
  std::unique_ptr<Projection> projection_;
  ViewStore::Rows rows_;
};

}  // namespace

Result<void> take_into_use(const RebuildParts& parts, const FoldedRows& rows,
                           const std::stop_token& stop) {
  return RowSwitch(parts, rows, stop).run();
}

Error rebuild_stopped() {
  return {ErrorCode::unavailable, "it was stopped; the next one goes on with what was folded"};
}

}  // namespace muster
