#include "projections/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "core/base/assert.h"
#include "core/base/log.h"
#include "core/base/thread_name.h"

namespace muster {
namespace {

/// About so many events are committed at once while catching up.
constexpr std::size_t chunk_events = 2'000;
constexpr std::chrono::seconds progress_interval{2};

bool ends_command(const Recorded& recorded) {
  return recorded.meta.index + 1 == recorded.meta.count;
}

/// Whole commands that are folded and committed together, oldest first.
using Batches = std::vector<std::shared_ptr<const Batch>>;

/// Waits for the oldest batch, and takes as many of those behind it as make a good chunk. The
/// tail forgets them here: what is in hand is little beside what it may hold. Empty: stop.
Batches take_batches(const std::stop_token& stop, Tail& tail) {
  std::stop_source no_waiting;
  no_waiting.request_stop();
  Batches taken;
  std::size_t events = 0;
  auto batch = tail.wait(stop);
  while (batch != nullptr) {
    tail.pop();
    events += batch->size();
    taken.push_back(std::move(batch));
    batch = events < chunk_events ? tail.wait(no_waiting.get_token()) : nullptr;
  }
  return taken;
}

/// Says how long work goes on: nothing at all if it is short.
class Progress {
 public:
  explicit Progress(Sequence head) : head_(head) {}

  void at(Sequence sequence, std::size_t events) {
    events_ += events;
    const auto now = std::chrono::steady_clock::now();
    if (now - said_ < progress_interval && (!spoken_ || sequence != head_)) return;
    const std::chrono::duration<double> spent = now - began_;
    log_info("views catch up: sequence={} of={} events_per_s={:.0f}", sequence.value(),
             head_.value(), static_cast<double>(events_) / std::max(spent.count(), 0.001));
    said_ = now;
    spoken_ = true;
  }

 private:
  const Sequence head_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point said_ = began_;
  std::size_t events_ = 0;
  bool spoken_ = false;
};

}  // namespace

class Runner::Impl {
 public:
  Impl(EventLog& log, const RecordCodec& codec, ViewStore& store,
       std::vector<std::unique_ptr<Projection>> projections)
      : log_(log), codec_(codec), store_(store), projections_(std::move(projections)) {
    MUSTER_ASSERT(!projections_.empty(), "a runner has something to fold");
  }

  Result<void> catch_up();
  void follow(Tail& tail);
  void stop();
  void listen(FoldListener& listener) { listeners_.push_back(&listener); }
  [[nodiscard]] Sequence position() const { return Sequence{position_.load()}; }
  void when(Sequence sequence, std::function<void()> reached);
  void hold(const std::function<void()>& work) {
    const std::scoped_lock lock(folding_);
    work();
  }
  void replace(std::unique_ptr<Projection> projection);

 private:
  Result<void> prepare(Sequence head);
  Result<void> read_log(Sequence head);
  void fold(const Batches& batches);
  std::unique_ptr<StoreBatch> fold_one(Projection& projection, const Batches& batches);
  void publish();
  void follow(std::stop_token stop, Tail& tail);

  EventLog& log_;
  const RecordCodec& codec_;
  ViewStore& store_;
  std::mutex folding_;                                    // Held while a batch is folded.
  std::vector<std::unique_ptr<Projection>> projections_;  // Guarded by folding_.
  std::vector<FoldListener*> listeners_;
  std::atomic<std::uint64_t> position_{0};  // The lowest of all projections.
  std::mutex mutex_;
  std::multimap<Sequence, std::function<void()>> waiting_;  // Guarded by mutex_.
  std::jthread follower_;                                   // Last: stops before the rest goes.
};

Result<void> Runner::Impl::catch_up() {
  const Sequence head = log_.head();
  auto done = prepare(head);
  publish();
  if (done && position() < head) done = read_log(head);
  return done;
}

Result<void> Runner::Impl::prepare(Sequence head) {
  for (const auto& projection : projections_) {
    const auto position = store_.prepare(projection->name(), projection->version());
    if (!position) return tl::unexpected(position.error());
    if (*position > head) {
      return fail(
          ErrorCode::incompatible,
          fmt::format("view {} knows event {}, but the log ends at {}: the log lost events, "
                      "or it is an older copy; delete the folder of the views if this log "
                      "is the right one",
                      projection->name(), position->value(), head.value()));
    }
  }
  return {};
}

Result<void> Runner::Impl::read_log(Sequence head) {
  Progress progress(head);
  Batch chunk;
  Result<void> result;
  const auto fold_chunk = [&] {
    const auto batch = std::make_shared<const Batch>(std::exchange(chunk, {}));
    fold({batch});
    progress.at(batch->back().sequence, batch->size());
  };
  const auto take = [&](Sequence sequence, std::string_view record) {
    auto recorded = codec_.decode(sequence, record);
    if (!recorded) {
      result = tl::unexpected(std::move(recorded).error());
      return false;
    }
    chunk.push_back(std::move(*recorded));
    if (chunk.size() >= chunk_events && ends_command(chunk.back())) fold_chunk();
    return true;
  };
  const auto last = log_.read_after(position(), take);
  if (!last) return tl::unexpected(last.error());
  if (!result) return result;
  if (chunk.empty()) return {};
  if (!ends_command(chunk.back())) {
    return fail(ErrorCode::corrupt, fmt::format("the log ends inside a command, at event {}",
                                                chunk.back().sequence.value()));
  }
  fold_chunk();
  return {};
}

/// Folds what `projection` does not have yet; null if it has it all.
std::unique_ptr<StoreBatch> Runner::Impl::fold_one(Projection& projection, const Batches& batches) {
  Sequence last = store_.position(projection.name());
  if (batches.back()->back().sequence <= last) return nullptr;
  auto changes = std::make_unique<StoreBatch>(store_, projection.name());
  for (const auto& batch : batches) {
    for (const Recorded& recorded : *batch) {
      if (recorded.sequence <= last) continue;
      MUSTER_ASSERT(recorded.sequence == next(last), "events are folded one after the other");
      projection.apply(*changes, recorded);
      last = recorded.sequence;
    }
  }
  projection.finish(*changes);
  changes->reach(last);
  return changes;
}

void Runner::Impl::replace(std::unique_ptr<Projection> projection) {
  for (auto& each : projections_) {
    if (each->name() == projection->name()) each = std::move(projection);
    if (projection == nullptr) return;
  }
  MUSTER_ASSERT(false, "a projection takes the place of another one");
}

void Runner::Impl::fold(const Batches& batches) {
  const std::scoped_lock lock(folding_);
  std::vector<std::unique_ptr<StoreBatch>> changes;
  for (const auto& projection : projections_) {
    auto folded = fold_one(*projection, batches);
    if (folded) changes.push_back(std::move(folded));
  }
  store_.commit(changes);
  publish();
}

/// Makes the position known, and calls those who waited for it.
void Runner::Impl::publish() {
  std::vector<std::function<void()>> reached;
  {
    const std::scoped_lock lock(mutex_);
    auto lowest = Sequence{UINT64_MAX};
    for (const auto& projection : projections_) {
      lowest = std::min(lowest, store_.position(projection->name()));
    }
    position_ = lowest.value();
    const auto end = waiting_.upper_bound(lowest);
    for (auto it = waiting_.begin(); it != end; ++it) reached.push_back(std::move(it->second));
    waiting_.erase(waiting_.begin(), end);
  }
  for (const auto& call : reached) call();
}

void Runner::Impl::when(Sequence sequence, std::function<void()> reached) {
  {
    const std::scoped_lock lock(mutex_);
    if (position() < sequence) {
      waiting_.emplace(sequence, std::move(reached));
      return;
    }
  }
  reached();
}

void Runner::Impl::follow(Tail& tail) {
  MUSTER_ASSERT(!follower_.joinable(), "a runner follows once");
  follower_ = std::jthread([this, &tail](std::stop_token stop) { follow(std::move(stop), tail); });
}

void Runner::Impl::follow(std::stop_token stop, Tail& tail) {
  name_this_thread("muster-views");
  while (!stop.stop_requested()) {
    const Batches batches = take_batches(stop, tail);
    if (batches.empty()) return;
    fold(batches);
    for (const auto& batch : batches) {
      for (FoldListener* listener : listeners_) listener->on_folded(*batch);
    }
  }
}

void Runner::Impl::stop() {
  follower_.request_stop();
  if (follower_.joinable()) follower_.join();
}

Runner::Runner(EventLog& log, const RecordCodec& codec, ViewStore& store,
               std::vector<std::unique_ptr<Projection>> projections)
    : impl_(std::make_unique<Impl>(log, codec, store, std::move(projections))) {}

Runner::~Runner() = default;

Result<void> Runner::catch_up() { return impl_->catch_up(); }
void Runner::follow(Tail& tail) { impl_->follow(tail); }
void Runner::stop() { impl_->stop(); }
void Runner::hold(const std::function<void()>& work) { impl_->hold(work); }
void Runner::replace(std::unique_ptr<Projection> projection) {
  impl_->replace(std::move(projection));
}
void Runner::listen(FoldListener& listener) { impl_->listen(listener); }
Sequence Runner::position() const { return impl_->position(); }
void Runner::when(Sequence sequence, std::function<void()> reached) {
  impl_->when(sequence, std::move(reached));
}

}  // namespace muster
