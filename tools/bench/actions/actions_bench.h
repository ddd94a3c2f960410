#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct ActionsOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10'000;   // All online.
  std::size_t actions = 200;      // Of single devices, of each kind.
  std::size_t rounds = 3;         // Restarts of the fleet.
  std::size_t rate = 50;          // Single actions in a second, and single pins meanwhile.
};

struct ActionsResult {
  LatencySummary online;     // An action of one device, from its request until the device has it.
  LatencySummary returning;  // The same of one that was offline, from its birth.
  LatencySummary answer;     // An action of the fleet, from its request to its answer.
  LatencySummary pins;       // Meanwhile a single pin, from its request to its device.
  std::vector<double> over_per_s;  // Devices in a second, until all are done with the fleet's.
};

/// Measures actions of single devices and of a fleet whose devices answer at once.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<ActionsResult> run_actions(const ActionsOptions& options,
                                                const Progress& progress);

}  // namespace muster::bench
