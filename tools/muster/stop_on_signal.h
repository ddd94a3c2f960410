#pragma once

#include <signal.h>

#include <stop_token>
#include <thread>

namespace muster::cli {

/// Requests a stop at the first SIGINT or SIGTERM, and ends the process at the second. Make it
/// before any other thread, which inherits that these signals are blocked.
class StopOnSignal {
 public:
  StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  ~StopOnSignal();

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void wait(const std::stop_token& done);

  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

}  // namespace muster::cli
