#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace muster {

/// Threads for work that would hold up the HTTP server's own: reading the log. Work is begun in its
/// order. Safe to use from any thread.
class WorkQueue {
 public:
  /// At most `waiting_max` wait while all `threads` are at work.
  WorkQueue(std::size_t threads, std::size_t waiting_max);
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;
  ~WorkQueue();

  /// False, and nothing is done, if too much waits already or it is stopped.
  [[nodiscard]] bool submit(std::function<void()> work);

  /// Ends what runs, forgets what waits. Not on a thread of its own. Again: does nothing.
  void stop();

 private:
  void run(const std::stop_token& stop);

  const std::size_t waiting_max_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<std::function<void()>> waiting_;  // Guarded by mutex_.
  bool stopped_ = false;                       // Guarded by mutex_.
  std::vector<std::jthread> threads_;          // Last: they stop before the rest goes.
};

}  // namespace muster
