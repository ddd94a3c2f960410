#include "tools/server/work_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("work queue: work is done in its order") {
  WorkQueue queue(1, 100);
  std::vector<int> done;
  std::promise<void> ended;
  for (int i = 0; i < 50; ++i) REQUIRE(queue.submit([&done, i] { done.push_back(i); }));
  REQUIRE(queue.submit([&ended] { ended.set_value(); }));
  ended.get_future().wait();
  REQUIRE(done.size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(done[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("work queue: more than may wait is refused, and there is room again later") {
  WorkQueue queue(1, 2);
  std::promise<void> begun;
  std::promise<void> go_on;
  std::promise<void> ended;
  const auto gate = go_on.get_future().share();
  REQUIRE(queue.submit([&begun, gate] {
    begun.set_value();
    gate.wait();
  }));
  begun.get_future().wait();
  CHECK(queue.submit([] {}));
  CHECK(queue.submit([&ended] { ended.set_value(); }));
  CHECK_FALSE(queue.submit([] {}));
  go_on.set_value();
  ended.get_future().wait();
  CHECK(queue.submit([] {}));
}

TEST_CASE("work queue: a stop lets what runs end, and forgets what waits") {
  WorkQueue queue(1, 10);
  std::promise<void> begun;
  std::atomic<int> done{0};
  REQUIRE(queue.submit([&] {
    begun.set_value();
    ++done;
  }));
  begun.get_future().wait();
  queue.stop();
  CHECK(done == 1);
  CHECK_FALSE(queue.submit([&done] { ++done; }));
  queue.stop();
  CHECK(done == 1);
}
