#include "broker-bridge/support/pace.h"

#include <doctest/doctest.h>

using namespace muster;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

namespace {

/// How often it may happen from now on without waiting.
int at_once(Pace& pace, Pace::SteadyTime now) {
  int count = 0;
  for (; pace.next() <= now; ++count) pace.step(now);
  return count;
}

}  // namespace

TEST_CASE("pace: after a pause a few at once, then one in each interval") {
  Pace pace(100, 5);
  const Pace::SteadyTime start{1h};
  CHECK(at_once(pace, start) == 5);
  CHECK(pace.next() == start + 10ms);
  CHECK(at_once(pace, start + 9ms) == 0);
  CHECK(at_once(pace, start + 10ms) == 1);
  CHECK(at_once(pace, start + 40ms) == 3);
  CHECK(at_once(pace, start + 1h) == 5);
}
