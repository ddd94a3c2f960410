#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "projections/projection.h"
#include "projections/rebuild/row_comparison.h"
#include "projections/view_store.h"

namespace muster {

class EventLog;
class RecordCodec;
class Runner;

/// What a rebuild works on. All must outlive it.
struct RebuildParts {
  const EventLog& log;
  const RecordCodec& codec;
  ViewStore& store;
  Runner* runner = nullptr;  // None: nobody folds, and nothing can be switched.
  Uuid identity;             // Of the log.
  /// A new projection of that name; null if there is none.
  std::function<std::unique_ptr<Projection>(std::string_view name)> make;
};

struct RebuildOptions {
  bool switch_over = true;  // False: only compare.
  bool from_start = false;  // Whatever a rebuild that was stopped left to go on with.
  std::size_t threads = 0;  // 0: one a processor.
  int nice = 0;             // Added to the niceness of the threads that do the work.
  std::size_t table_bytes = std::size_t{96} << 20U;
};

/// How far a rebuild is. Any thread reads.
struct RebuildProgress {
  enum class Phase { folding, comparing, switching };
  std::atomic<Phase> phase{Phase::folding};
  std::atomic<std::uint64_t> begun_at{0};  // Events that were folded before it began.
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> of{0};
  std::atomic<std::uint64_t> rows{0};  // While comparing.
};

/// What came of it.
struct RebuildReport {
  std::string view;
  Sequence position;    // As of which was compared.
  Sequence resumed_at;  // 0: it began with the first event.
  RowComparison comparison;
  std::uint32_t generation = 0;  // Of the rows that are in use now; 0: as before.
  double folding_s = 0;
  double comparing_s = 0;  // Merging, comparing and writing all rows.
  double switching_s = 0;  // Folding what came meanwhile included.
};

/// Folds `view` anew beside its rows in use, compares the two as of the same event, and has the
/// new ones take the place of the others, all at once for whoever reads. What is folded waits
/// outside of the store and goes there whole: a stop or a kill at any moment leaves the rows in use
/// as they are, and the next rebuild goes on with what is on disk. One at a time for each store.
/// Errors: invalid_input (no such view); unavailable (disk nearly full; stopped by `stop`, the next
/// one goes on); corrupt, incompatible (the log); failed.
[[nodiscard]] Result<RebuildReport> rebuild(const RebuildParts& parts, std::string_view view,
                                            const RebuildOptions& options,
                                            RebuildProgress& progress, const std::stop_token& stop);

/// How far a stopped rebuild of `view` is that the next one goes on with; nullopt if there is none.
[[nodiscard]] std::optional<Sequence> unfinished_rebuild(const ViewStore& store,
                                                         std::string_view view);

}  // namespace muster
