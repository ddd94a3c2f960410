#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "core/domain/event.h"

namespace muster {

/// Events that were committed together, oldest first.
using Batch = std::vector<Recorded>;

/// The committed events that the projections have not folded yet, in memory, so that following
/// the log costs no read and no decoding. Bounded by the writer, which refuses commands while it
/// is full. Safe to use from the writer's and one follower's thread.
class Tail {
 public:
  /// Holds about `events_max` events; a batch is never cut.
  explicit Tail(std::size_t events_max) : events_max_(events_max) {}

  /// Writer: adds a committed batch, which follows the one before.
  void push(std::shared_ptr<const Batch> batch);

  /// Writer: true while the followers are too far behind for new commands.
  [[nodiscard]] bool full() const;

  /// Follower: waits for the oldest batch not folded yet. Null when asked to stop.
  [[nodiscard]] std::shared_ptr<const Batch> wait(std::stop_token stop);

  /// Follower: forgets the oldest batch, once it is folded or taken over.
  void pop();

 private:
  const std::size_t events_max_;
  mutable std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<std::shared_ptr<const Batch>> batches_;  // Guarded by mutex_.
  std::size_t events_ = 0;                            // Guarded by mutex_.
};

}  // namespace muster
