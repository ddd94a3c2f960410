#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct VerifyBenchOptions {
  std::filesystem::path folder;  // On the disk to measure; empty: the one for temporary files.
  std::size_t events = 300'000;
  std::size_t rounds = 5;
  std::size_t threads = 0;  // 0: as many as there are processors.
};

/// Rates in events a second: medians over the rounds.
struct VerifiedSource {
  std::string name;
  double tree_per_s = 0;    // Records, leaves, tiles, root.
  double replay_per_s = 0;  // The same with every transition.
  double ratio = 0;         // Of the rounds' own ratios, tree to bare.
  double ratio_min = 0;
  double ratio_max = 0;
};

struct VerifyBenchResult {
  std::size_t events = 0;
  std::size_t threads = 0;
  double record_bytes = 0;  // Mean.
  double bare_per_s = 0;    // The same hashes, of records in memory.
  std::vector<VerifiedSource> sources;
};

/// Measures `muster audit verify` of a data folder full of pins, and of its export in tiles,
/// against the bare leaf and node hashes of the same records in memory, by the same library on as
/// many threads, in turns.
/// Errors: invalid_input (options); failed, also if the log is found not to be sound.
[[nodiscard]] Result<VerifyBenchResult> run_verify(const VerifyBenchOptions& options,
                                                   const Progress& progress);

}  // namespace muster::bench
