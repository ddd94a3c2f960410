#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct PastOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10'000;   // In one fleet.
  std::size_t events = 10'000'000;
  std::size_t back = 1'000'000;  // So far back the fleet is looked at.
  std::size_t requests = 100;    // Of each kind, about other devices and moments each time.
};

/// One kind of question about the past.
struct PastRow {
  std::string question;
  std::optional<std::chrono::nanoseconds> wanted;  // p50 below; none: nothing is wanted.
  LatencySummary latency;                          // Request to answer.
};

struct PastResult {
  std::size_t events = 0;
  std::chrono::nanoseconds filling{0};  // Until all events were stored and folded.
  std::vector<PastRow> rows;
};

/// Fills a server with events and asks it about the past, in a process of its own.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<PastResult> run_past(const PastOptions& options, const Progress& progress);

}  // namespace muster::bench
