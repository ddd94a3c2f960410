#include "tools/muster/stop_on_signal.h"

#include <unistd.h>

#include <ctime>

namespace muster::cli {

StopOnSignal::StopOnSignal() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals_, signal);
  ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  waiter_ = std::jthread([this](const std::stop_token& done) { wait(done); });
}

StopOnSignal::~StopOnSignal() {
  waiter_ = {};
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopOnSignal::wait(const std::stop_token& done) {
  constexpr timespec look_every{0, 100'000'000};
  while (!done.stop_requested()) {
    const int signal = ::sigtimedwait(&signals_, nullptr, &look_every);
    if (signal > 0 && !stop_.request_stop()) ::_exit(128 + signal);
  }
}

}  // namespace muster::cli
