#pragma once

#include <cstddef>
#include <filesystem>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct BulkOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10'000;
  std::size_t pins = 100'000;  // In each round, in one request.
  std::size_t rounds = 5;
  bool keys = false;  // Lines have idempotency keys.
};

/// Rates are durable pins a second: medians over the rounds.
struct BulkResult {
  double http_per_s = 0;
  double http_per_s_min = 0;
  double engine_per_s = 0;
  double ratio = 0;  // Of the rounds' own ratios, HTTP to engine.
  double ratio_min = 0;
  double ratio_max = 0;
};

/// Measures pins in bulk over HTTP, of a server in a process of its own, against the engine alone
/// in this process, in turns.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<BulkResult> run_bulk(const BulkOptions& options, const Progress& progress);

}  // namespace muster::bench
