#pragma once

#include <cstddef>
#include <functional>

#include "core/base/clock.h"

namespace muster {

/// How what the broker had differed from the log.
struct ReconcileCounts {
  std::size_t retained = 0;    // Targets the broker had.
  std::size_t missing = 0;     // Devices whose target it lacked; published again.
  std::size_t older = 0;       // Older than the log's, or of another epoch; published again.
  std::size_t unreadable = 0;  // Not as the bridge writes them; published again.
  std::size_t cleared = 0;     // Of no device.
  std::size_t newer = 0;       // Newer than the log's; not touched.

  friend bool operator==(const ReconcileCounts&, const ReconcileCounts&) = default;
};

/// What a reconciliation found, when, and how long it took until all was repaired.
struct ReconcileReport {
  Timestamp at;
  double seconds = 0;
  ReconcileCounts counts;
};

/// Called once, on any thread; must not block.
using ReconcileDone = std::function<void(Result<ReconcileReport>)>;

}  // namespace muster
