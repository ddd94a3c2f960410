#pragma once

#include <cstddef>
#include <filesystem>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct ConnectOptions {
  std::filesystem::path folder;  // For the brokers' files; empty: the one for temporary files.
  std::size_t devices = 5'000;   // Connect in each storm, and stay until it is over.
  std::size_t at_once = 100;     // Wait for their answers at a time.
  std::size_t rounds = 5;
};

/// Connects in a second; medians over the rounds.
struct ConnectResult {
  double first_per_s = 0;  // Of devices the broker has not seen: each signature is checked.
  double known_per_s = 0;  // The same devices again.
  double plain_per_s = 0;  // The same packets, to a mosquitto that lets everybody in.
  double ratio = 0;        // Of the rounds' own ratios, known to plain.
  double ratio_min = 0;
  double ratio_max = 0;
};

/// Measures storms of connects, with and without our plugin, in turns.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<ConnectResult> run_connect(const ConnectOptions& options,
                                                const Progress& progress);

}  // namespace muster::bench
