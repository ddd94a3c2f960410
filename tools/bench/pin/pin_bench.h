#pragma once

#include <cstddef>
#include <filesystem>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct PinOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10;       // Pinned in turn; each has a connection of its own.
  std::size_t pins = 200;         // In each round.
  std::size_t rounds = 3;
  std::size_t rate = 50;  // Pins in a second while devices listen.
};

/// All rounds together.
struct PinResult {
  LatencySummary sync;       // A bare write of a record's size, and fdatasync.
  LatencySummary http;       // One client, one pin after the other: request to answer.
  LatencySummary to_device;  // Request to the device's socket, at the rate.
  LatencySummary bare;       // The same without Muster: one sync, one publish, the same sockets.
};

/// Measures a server in a process of its own, and without it what the disk and the broker need,
/// in turns. Late pins count from when they were due.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<PinResult> run_pin(const PinOptions& options, const Progress& progress);

}  // namespace muster::bench
