#include "projections/store/row_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

constexpr int many = 300'000;

/// Some empty, some long.
std::string value_of(int row) { return std::string(static_cast<std::size_t>(row % 97), 'v'); }

/// Lets who puts go, however a test ends.
class Refusal {
 public:
  explicit Refusal(RowQueue& queue) : queue_(queue) {}
  Refusal(const Refusal&) = delete;
  Refusal& operator=(const Refusal&) = delete;
  ~Refusal() { queue_.refuse(); }

 private:
  RowQueue& queue_;
};

}  // namespace

TEST_CASE("row queue: rows arrive whole and in order, more than may be under way") {
  RowQueue queue;
  const std::jthread putting([&] {
    for (int row = 0; row < many; ++row) {
      if (!queue.put(std::to_string(row), value_of(row))) return;
    }
    queue.end();
  });
  const Refusal in_the_end(queue);
  int taken = 0;
  bool right = true;
  while (queue.next()) {
    const RowChange& row = queue.row();
    right = right && row.key == std::to_string(taken) && row.value == value_of(taken);
    ++taken;
  }
  CHECK(right);
  CHECK(taken == many);
  CHECK_FALSE(queue.next());
}

TEST_CASE("row queue: without rows there is nothing to go to") {
  RowQueue queue;
  queue.end();
  CHECK_FALSE(queue.next());
}

TEST_CASE("row queue: who puts is told that no more are wanted, also while it waits for room") {
  RowQueue queue;
  std::atomic<bool> refused = false;
  const std::string value(1'000, 'v');
  const std::jthread putting([&] {
    while (queue.put("key", value)) {
    }
    refused = true;
    refused.notify_one();
  });
  REQUIRE(queue.next());
  queue.refuse();
  refused.wait(false);
  CHECK(refused);
}
