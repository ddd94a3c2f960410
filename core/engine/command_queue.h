#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>

#include "core/engine/engine.h"

namespace muster {

/// What waits for the writer, in lanes that keep their order each and do not fill each other up:
/// the commands of users go first, one by one; those that come in masses, and those of the server
/// itself (what devices say, timers), share what is left, and get one turn in so many at least.
class CommandQueue {
 public:
  /// Each lane has room for `max` commands, that of the masses for half as many.
  explicit CommandQueue(std::size_t max) : max_(max) {}

  /// False if its lane is full.
  [[nodiscard]] bool push(Submission submission);

  /// Moves out as many of the first of them as there is room for; says how many.
  [[nodiscard]] std::size_t push_some(std::span<Submission> submissions);

  [[nodiscard]] std::optional<Submission> pop();

  [[nodiscard]] bool empty() const noexcept;

  /// Turns of users' commands in a row while others wait.
  static constexpr unsigned users_in_row_max = 16;

 private:
  using Lane = std::deque<Submission>;

  [[nodiscard]] Lane* next_lane();

  const std::size_t max_;
  Lane users_;
  std::array<Lane, 2> others_;  // The masses; the server itself.
  std::size_t other_ = 0;       // Whose turn it is of these two.
  unsigned users_in_row_ = 0;
};

}  // namespace muster
