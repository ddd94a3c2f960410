#pragma once

#include <cstddef>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"
#include "tools/bench/support/server_process.h"

namespace muster::bench {

struct PinsMeanwhile {
  double seconds = 0;         // That the server took to rebuild all projections.
  LatencySummary quiet;       // Request to answer, of single pins, before that,
  LatencySummary rebuilding;  // and during it.
};

/// Has `server`, filled by fill_long_log, rebuild all projections, and pins `rate` devices a second
/// meanwhile. Errors: unavailable, failed.
[[nodiscard]] Result<PinsMeanwhile> pin_meanwhile(const ServerProcess& server, std::size_t rate,
                                                  const Progress& progress);

}  // namespace muster::bench
