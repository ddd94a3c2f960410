#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct ScaleOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::vector<std::size_t> devices{1'000, 1'000'000};  // One server each, all in one fleet.
  std::size_t pins = 500;                              // Of single devices.
  std::size_t fleet_pins = 20;
};

/// What a server with so many devices takes.
struct ScaleRow {
  std::size_t devices = 0;
  std::uint64_t resident_bytes = 0;          // Of the server without its broker, at the end.
  std::chrono::nanoseconds start{0};         // Until `ready`, after an orderly stop.
  std::chrono::nanoseconds start_killed{0};  // The same after kill -9 under load.
  LatencySummary pin;                        // One client, one after the other: request to answer.
  LatencySummary fleet_pin;                  // Of the fleet that has all devices.
  LatencySummary list;                       // The first page of all devices.
};

/// Measures servers of different sizes, one after the other, each in a process of its own.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<std::vector<ScaleRow>> run_scale(const ScaleOptions& options,
                                                      const Progress& progress);

}  // namespace muster::bench
