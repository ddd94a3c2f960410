#pragma once

#include <algorithm>
#include <chrono>

namespace muster {

/// Lets something happen at most so often, on the average; after a pause a few times at once.
class Pace {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  Pace(unsigned per_second, unsigned at_once)
      : interval_(std::chrono::nanoseconds{std::chrono::seconds{1}} / per_second),
        credit_max_(interval_ * at_once) {}

  /// When it may happen next: now, if that is in the past.
  [[nodiscard]] SteadyTime next() const noexcept { return next_; }

  /// It happens.
  void step(SteadyTime now) noexcept {
    next_ = std::max(next_, now - credit_max_ + interval_) + interval_;
  }

 private:
  const std::chrono::nanoseconds interval_;
  const std::chrono::nanoseconds credit_max_;
  SteadyTime next_;
};

}  // namespace muster
