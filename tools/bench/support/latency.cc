#include "tools/bench/support/latency.h"

#include <algorithm>

#include "core/base/assert.h"

namespace muster::bench {

LatencySummary summarise(std::vector<std::chrono::nanoseconds> times) {
  if (times.empty()) return {};
  std::sort(times.begin(), times.end());
  const std::size_t last = times.size() - 1;
  return LatencySummary{.count = times.size(),
                        .p50 = times[last * 50 / 100],
                        .p99 = times[last * 99 / 100],
                        .max = times.back()};
}

double median(std::vector<double> values) {
  MUSTER_ASSERT(!values.empty(), "a median is of something");
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

}  // namespace muster::bench
