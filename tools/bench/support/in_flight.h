#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/engine/engine.h"

namespace muster::bench {

/// Commands that are on their way through an engine, which must end before this does. One thread
/// submits.
class InFlight {
 public:
  /// At most `limit` at a time; when so many are on their way, until a quarter of them is answered:
  /// who is woken for each answer takes the engine's time.
  explicit InFlight(std::size_t limit) : limit_(limit) {}

  /// Waits for its turn. Errors: unavailable if the engine takes no more now.
  [[nodiscard]] Result<void> submit(Engine& engine, Command command);

  /// Waits for all answers. Errors: failed with the first refusal.
  [[nodiscard]] Result<void> finish();

 private:
  void wait_until_answered(std::size_t count);
  void answered(const Outcome& outcome);

  const std::size_t limit_;
  std::size_t submitted_ = 0;
  std::atomic<std::size_t> answered_{0};
  std::atomic<std::size_t> awaited_{0};  // So many are to be answered before anybody is woken.
  std::mutex mutex_;
  std::optional<std::string> refused_;  // Guarded by mutex_.
};

}  // namespace muster::bench
