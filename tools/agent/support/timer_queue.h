#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

namespace muster::agent {

/// Timers of one thread; `Due` says what one is for. Nothing is ever cancelled: a late one is known
/// by what it says.
template <typename Due>
class TimerQueue {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void add(TimePoint at, Due due) { timers_.emplace(at, due); }

  /// When to look again, `otherwise` if nothing is planned before.
  [[nodiscard]] TimePoint next(TimePoint otherwise) const {
    return timers_.empty() ? otherwise : std::min(otherwise, timers_.begin()->first);
  }

  /// Takes out what is due at `now`, in order of time.
  std::vector<Due> take(TimePoint now) {
    std::vector<Due> due;
    while (!timers_.empty() && timers_.begin()->first <= now) {
      due.push_back(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    return due;
  }

 private:
  std::multimap<TimePoint, Due> timers_;
};

}  // namespace muster::agent
