#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct RebuildBenchOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10'000;   // In one fleet.
  std::size_t events = 300'000;
  std::size_t rounds = 3;
  std::size_t threads = 0;  // 0: as many as there are processors.
  std::size_t rate = 50;    // Single pins a second, while the server rebuilds.
};

/// One projection: medians over the rounds, in events a second.
struct RebuildBenchRow {
  std::string projection;
  std::uint64_t rows = 0;
  double folded_per_s = 0;   // Read, decoded and folded.
  double rebuilt_per_s = 0;  // From the first record until the new rows are in use, compared.
  double ratio = 0;          // Of the rounds' own ratios, rebuilt to raw.
  double ratio_wanted = 0;   // 0: none.
};

struct RebuildBenchResult {
  std::size_t events = 0;
  std::size_t threads = 0;
  double raw_per_s = 0;  // A scan of the same log by RocksDB alone.
  std::vector<RebuildBenchRow> rows;
  double online_s = 0;        // All projections, by a server.
  LatencySummary quiet;       // Single pins over HTTP, while nothing else goes on,
  LatencySummary rebuilding;  // and while all projections are rebuilt.
};

/// Fills a data folder with events; rebuilds its registry and its history against a bare scan of
/// the same log on as many threads, in turns; then has a server rebuild all projections while
/// single devices are pinned. Errors: invalid_input (options); failed.
[[nodiscard]] Result<RebuildBenchResult> run_rebuild(const RebuildBenchOptions& options,
                                                     const Progress& progress);

}  // namespace muster::bench
