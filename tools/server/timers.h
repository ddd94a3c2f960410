#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "projections/view_store.h"

namespace muster {

/// What a timer works on. All must outlive it.
struct TimerParts {
  Engine& engine;
  const ViewStore& views;
  const Clock& clock;
};

/// Has what is over be ended by events, so that no replay needs a clock: about once a second, on a
/// thread of its own, each task asks the views for what is due and submits commands, which decide
/// anew. While the wall clock is far ahead of the last event nothing is ended.
class Timers {
 public:
  /// Submits what is due at `now`; what cannot be submitted now, is due again the next time.
  using Task = std::function<void(const TimerParts& parts, Timestamp now)>;

  Timers(TimerParts parts, std::vector<Task> tasks);
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  /// Ends after the tasks in hand.
  ~Timers() = default;

 private:
  void run(const std::stop_token& stop);

  const TimerParts parts_;
  const std::vector<Task> tasks_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // Last: it uses all of the above.
};

/// The task that ends actions whose clocks have run out.
void expire_actions(const TimerParts& parts, Timestamp now);

/// The task that ends grants of support access at their time.
void expire_support(const TimerParts& parts, Timestamp now);

}  // namespace muster
