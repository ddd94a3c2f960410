#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace muster::bench {

/// How long something took, over many times.
struct LatencySummary {
  std::size_t count = 0;
  std::chrono::nanoseconds p50{0};
  std::chrono::nanoseconds p99{0};
  std::chrono::nanoseconds max{0};
};

/// All zero if `times` is empty.
[[nodiscard]] LatencySummary summarise(std::vector<std::chrono::nanoseconds> times);

/// The middle one, or of two the lower. `values` must not be empty.
[[nodiscard]] double median(std::vector<double> values);

}  // namespace muster::bench
