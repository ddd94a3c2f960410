#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

namespace muster::agent {

enum class DueKind { machine, reconnect, step_end, look };

/// What a timer is for.
struct Due {
  std::size_t device = 0;
  DueKind kind = DueKind::look;
  std::uint64_t id = 0;
};

/// Timers of one thread. Nothing is ever cancelled: a late one is known by its id.
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
