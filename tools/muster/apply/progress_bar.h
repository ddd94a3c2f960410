#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace muster::cli {

/// How far a long piece of work is.
struct ProgressState {
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t failed = 0;
  std::uint64_t done_before = 0;  // Of `done`: not in this run, so that they tell nothing of speed.
};

/// One line about it: a bar with percent, counts, rate, time left and failures.
std::string progress_text(const ProgressState& state, std::chrono::duration<double> elapsed);

/// Shows the progress of long work: on a terminal a line that is drawn over and over, elsewhere a
/// line now and then. Work of a moment shows nothing.
class ProgressBar {
 public:
  using Clock = std::chrono::steady_clock;

  /// `err` must outlive it.
  ProgressBar(const std::function<void(std::string_view)>& err, bool terminal,
              Clock::time_point start)
      : err_(err), terminal_(terminal), start_(start), shown_(start) {}

  void update(const ProgressState& state, Clock::time_point now);

  /// Takes the bar away, before other lines are printed.
  void clear();

 private:
  const std::function<void(std::string_view)>& err_;
  const bool terminal_;
  const Clock::time_point start_;
  Clock::time_point shown_;
  std::size_t width_ = 0;  // Of what stands on the terminal.
};

}  // namespace muster::cli
