#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/domain/event.h"

namespace muster {

/// Somebody known was refused something.
struct RefusalEntry {
  std::uint64_t number = 0;  // Rising; given by the log.
  Timestamp at;
  Actor actor;
  std::string remote;  // Address of the peer.
  std::string what;    // The request's first line, or which line of it.
  std::string code;
  std::string entity;
};

/// What a reader of refusals wants.
struct RefusalQuery {
  std::optional<UserId> user;
  std::string code;                     // Empty: any.
  std::optional<std::uint64_t> before;  // Only those with smaller numbers.
  std::size_t limit = 100;
};

/// Who was refused what, in two files beside the event log, for `muster audit refusals`. Kept are
/// the newest 20,000 at least, for 90 days at most. What cannot be written is lost, and the
/// program's log says so: a refusal never waits for a disk. Any thread.
class RefusalLog {
 public:
  static constexpr std::size_t entries_per_file = 20'000;
  static constexpr std::chrono::hours kept_for{24 * 90};

  /// Goes on with what is in `folder`, made if it is missing. Lines that make no sense are passed
  /// over. Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<RefusalLog>> open(
      const std::filesystem::path& folder);

  void add(RefusalEntry entry);

  /// The newest first, none older than they are kept at `now`.
  [[nodiscard]] std::vector<RefusalEntry> find(const RefusalQuery& query, Timestamp now) const;

 private:
  explicit RefusalLog(const std::filesystem::path& folder);

  [[nodiscard]] Result<void> start();
  void turn_over();

  const std::filesystem::path current_;
  const std::filesystem::path previous_;
  mutable std::mutex mutex_;
  std::ofstream out_;         // Guarded by mutex_.
  std::size_t entries_ = 0;   // In the current file. Guarded by mutex_.
  std::uint64_t number_ = 0;  // Of the last entry. Guarded by mutex_.
  bool failed_ = false;       // The last write did. Guarded by mutex_.
};

}  // namespace muster
