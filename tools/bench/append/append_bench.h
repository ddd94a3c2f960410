#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct AppendOptions {
  std::filesystem::path folder;  // On the disk to measure; empty: the one for temporary files.
  std::vector<std::size_t> batch_sizes{1, 20, 200};
  std::size_t batches = 300;  // So many in each round.
  std::size_t rounds = 5;
  std::size_t devices = 10'000;
  bool keys = false;  // Commands have idempotency keys.
};

/// Microseconds of the writer's thread for one event.
struct AppendCost {
  double deciding = 0;
  double encoding = 0;
  double appending = 0;
  double answering = 0;
  double other = 0;  // Waiting for commands, following, and whatever else.
};

/// One batch size: the rates and the costs are medians over the rounds.
struct AppendRow {
  std::size_t batch_size = 0;
  double batch_mean = 0;    // Events in a batch that the engine really wrote.
  double record_bytes = 0;  // Mean.
  double engine_per_s = 0;  // Durable events.
  double raw_per_s = 0;
  double ratio = 0;  // Of the rounds' own ratios, engine to raw.
  double ratio_min = 0;
  double ratio_max = 0;
  double folded_per_s = 0;  // Until all views had them.
  double tree_us = 0;       // What the Merkle tree adds to raw writing, for one event.
  double tree_share = 0;    // Of the engine's time for one event.
  AppendCost cost_us;
  LatencySummary sync;  // A bare write of as many bytes, and fdatasync.
};

/// Measures durable pins through the engine against a raw RocksDB writer of the same records in
/// the same batches, in turns.
/// Errors: invalid_input (options); failed.
[[nodiscard]] Result<std::vector<AppendRow>> run_append(const AppendOptions& options,
                                                        const Progress& progress);

}  // namespace muster::bench
