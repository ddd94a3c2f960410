#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct WaveOptions {
  std::filesystem::path folder;   // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;  // What is started as `PROGRAM serve`.
  std::size_t devices = 10'000;   // That follow the fleet.
  std::size_t rounds = 3;
  std::size_t rate = 50;  // Single pins in a second, in one of two waves of each round.
};

struct WaveRound {
  double bare_per_s = 0;   // Messages, by the fastest plain publisher.
  double wave_per_s = 0;   // Targets, from the fleet pin's request on.
  double ratio = 0;        // Of the two.
  double among_per_s = 0;  // Targets, with single pins among them.
};

struct WaveResult {
  std::size_t payload_bytes = 0;
  std::size_t window = 0;  // With which the plain publisher is fastest.
  std::vector<WaveRound> rounds;
  double ratio = 0;        // The median.
  LatencySummary answer;   // A fleet pin, request to answer.
  LatencySummary singles;  // A single pin during a wave, request to device.
};

/// Pins a whole fleet and measures until the broker has every target and a sample of devices has
/// theirs, in turns with the fastest plain Paho publisher into the same broker.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<WaveResult> run_wave(const WaveOptions& options, const Progress& progress);

}  // namespace muster::bench
