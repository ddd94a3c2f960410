#pragma once

#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/log/event_log.h"
#include "core/log/record_codec.h"
#include "core/log/tail.h"
#include "projections/projection.h"
#include "projections/view_store.h"

namespace muster {

/// Hears of events after all projections have them. Called on the runner's thread, in order;
/// must not block. Implementations: Bridge, and recorders in tests.
class FoldListener {
 public:
  FoldListener() = default;
  FoldListener(const FoldListener&) = delete;
  FoldListener& operator=(const FoldListener&) = delete;
  virtual ~FoldListener() = default;

  virtual void on_folded(std::span<const Recorded> events) = 0;
};

/// Feeds the log to the projections: first what they missed, then live from the engine's tail.
/// The changes of a batch and the position are committed together, so a restart goes on exactly
/// where it was.
class Runner {
 public:
  /// The references must outlive the runner.
  Runner(EventLog& log, const RecordCodec& codec, ViewStore& store,
         std::vector<std::unique_ptr<Projection>> projections);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  ~Runner();

  /// Folds everything up to the log's head, on the calling thread; logs progress on long work.
  /// A projection without a stored position, or stored by another version of it, is folded anew.
  /// Errors: corrupt (the log), incompatible (a view ahead of the log: not of this log).
  [[nodiscard]] Result<void> catch_up();

  /// Follows `tail` on an own thread from here on. Call once, after catch_up.
  void follow(Tail& tail);

  /// Stops following, after the batch in hand; so does the destructor.
  void stop();

  /// Adds a listener, before `follow`.
  void listen(FoldListener& listener);

  /// Calls `work` between two batches: nobody commits to the views meanwhile, and all views are at
  /// the same position. Any thread; `work` must be short.
  void hold(const std::function<void()>& work);

  /// Has `projection` fold from now on, instead of the one of the same name; within `hold`.
  void replace(std::unique_ptr<Projection> projection);

  /// Everything up to here is in all views. Any thread.
  [[nodiscard]] Sequence position() const;

  /// Calls `reached` once the position is at least `sequence`: at once on this thread, or later
  /// on the runner's. Any thread; `reached` must not block. Dropped when the runner stops.
  void when(Sequence sequence, std::function<void()> reached);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace muster
