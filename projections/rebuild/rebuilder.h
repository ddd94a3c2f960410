#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "projections/rebuild/rebuild.h"

namespace muster {

/// What is done to projections, one after the other.
struct RebuildRun {
  enum class State { running, done, failed, cancelled };
  RebuildOptions options;  // Without `switch_over`: a check.
  std::vector<std::string> views;
  State state = State::running;
  std::string current;  // The view in hand; empty: none.
  RebuildProgress::Phase phase = RebuildProgress::Phase::folding;
  std::uint64_t begun_at = 0;  // See RebuildProgress.
  std::uint64_t events = 0;
  std::uint64_t of = 0;
  std::uint64_t rows = 0;
  double seconds = 0;                  // Since the run began.
  std::vector<RebuildReport> reports;  // Of those that are done.
  std::string problem;                 // Why it failed; empty: it did not.
};

/// Has projections rebuilt or checked on a thread of its own. Any thread.
class Rebuilder {
 public:
  explicit Rebuilder(RebuildParts parts) : parts_(std::move(parts)) {}
  Rebuilder(const Rebuilder&) = delete;
  Rebuilder& operator=(const Rebuilder&) = delete;

  /// Stops what runs: the next rebuild goes on with it.
  ~Rebuilder();

  /// Begins with `view`, or with all of them for `all`.
  /// Errors: in_use if a run is not over; invalid_input if there is no such view.
  [[nodiscard]] Result<void> start(std::string_view view, const RebuildOptions& options);

  /// Stops what runs after the work in hand; false if nothing does.
  bool cancel();

  /// The run in hand, or the last one; nullopt if there was none.
  [[nodiscard]] std::optional<RebuildRun> run() const;

  /// Why `view` could not be rebuilt or checked the last time; empty if it could.
  [[nodiscard]] std::string last_error(std::string_view view) const;

 private:
  void work(const std::stop_token& stop);
  [[nodiscard]] Result<std::vector<std::string>> views_of(std::string_view view) const;

  const RebuildParts parts_;
  mutable std::mutex mutex_;
  std::optional<RebuildRun> run_;                            // Guarded by mutex_.
  std::vector<std::pair<std::string, std::string>> errors_;  // Guarded by mutex_.
  std::chrono::steady_clock::time_point began_;              // Guarded by mutex_.
  RebuildProgress progress_;
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
