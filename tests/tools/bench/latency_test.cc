#include "tools/bench/support/latency.h"

#include <doctest/doctest.h>

#include <vector>

using namespace std::chrono_literals;

namespace muster::bench {

TEST_CASE("latency: of 100 times, half are within p50 and all but one within p99") {
  std::vector<std::chrono::nanoseconds> times;
  for (int i = 100; i >= 1; --i) times.emplace_back(i);
  const auto summary = summarise(times);
  CHECK(summary.count == 100);
  CHECK(summary.p50 == 50ns);
  CHECK(summary.p99 == 99ns);
  CHECK(summary.max == 100ns);
}

TEST_CASE("latency: one time is its own summary, none is all zero") {
  const auto one = summarise({7ns});
  CHECK(one.p50 == 7ns);
  CHECK(one.p99 == 7ns);
  CHECK(one.max == 7ns);
  CHECK(summarise({}).count == 0);
}

TEST_CASE("latency: a median does not care for what is far out") {
  CHECK(median({1.0, 900.0, 3.0}) == 3.0);
  CHECK(median({4.0, 2.0}) == 2.0);
}

}  // namespace muster::bench
