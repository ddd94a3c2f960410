#include "core/engine/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <utility>

#include "core/base/assert.h"
#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/base/thread_name.h"
#include "core/domain/decide/decide.h"
#include "core/domain/evolve.h"

namespace muster {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Commands without events are answered with their batch too; so many make one.
constexpr std::size_t batch_commands_max = 1'000;
constexpr std::uint64_t sequence_max = (1ULL << 53U) - 1;  // What JavaScript can count.

Outcome refuse(Error error) { return tl::unexpected(Refusal(std::move(error))); }
Outcome refuse(Rejection rejection) { return tl::unexpected(Refusal(std::move(rejection))); }

/// Adds the time since it was made to `total`.
class Stopwatch {
 public:
  explicit Stopwatch(nanoseconds& total) : total_(total) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() { total_ += steady_clock::now() - start_; }

 private:
  nanoseconds& total_;
  const steady_clock::time_point start_ = steady_clock::now();
};

/// Adds `events` to `batch`, which is followed by the event after `after`.
void record_events(Batch& batch, const Command& command, const State& state,
                   std::vector<Event> events, Sequence after, Timestamp now) {
  const Token* token = state.find(command.actor.token);
  std::uint32_t index = 0;
  for (Event& event : events) {
    after = next(after);
    Recorded recorded{.sequence = after,
                      .meta = {.at = now,
                               .actor = command.actor,
                               .token_name = token != nullptr ? token->name : std::string{},
                               .command = command.id,
                               .idempotency = {},
                               .reason = command.reason,
                               .causes = {},
                               .index = index,
                               .count = static_cast<std::uint32_t>(events.size())},
                      .event = std::move(event)};
    if (index == 0) recorded.meta.idempotency = command.idempotency;
    batch.push_back(std::move(recorded));
    ++index;
  }
}

}  // namespace

Engine::Writer::Writer(EngineOptions options, Parts parts, State state, Timestamp last_event)
    : options_(options),
      parts_(parts),
      state_(std::move(state)),
      decided_(parts.log.head()),
      last_event_(last_event),
      started_at_(parts.clock.now()),
      tail_(options.tail_events),
      queue_(options.queue_max) {
  watch_clock(started_at_);
  thread_ = std::jthread([this] {
    name_this_thread("muster-writer");
    run();
  });
}

Engine::Writer::~Writer() { stop(); }

void Engine::Writer::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> Engine::Writer::submit(Command command, Answer answer) {
  if (tail_.full()) {
    return fail(ErrorCode::unavailable, "busy: the views are too far behind the log");
  }
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return fail(ErrorCode::unavailable, "the server is stopping");
    if (!queue_.push(Submission{std::move(command), std::move(answer)})) {
      return fail(ErrorCode::unavailable,
                  fmt::format("busy: {} commands are waiting already", options_.queue_max));
    }
  }
  changed_.notify_one();
  return {};
}

std::size_t Engine::Writer::submit_some(std::span<Submission> submissions) {
  if (tail_.full()) return 0;
  std::size_t taken = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return 0;
    taken = queue_.push_some(submissions);
  }
  changed_.notify_one();
  return taken;
}

std::optional<Engine::ClockAlarm> Engine::Writer::clock_alarm() const {
  const std::scoped_lock lock(mutex_);
  return clock_alarm_;
}

Engine::Timings Engine::Writer::timings() const {
  const std::scoped_lock lock(mutex_);
  return timings_;
}

void Engine::Writer::run() {
  while (auto first = take(true)) write_batch(std::move(*first));
}

/// The next command; with `wait`, nothing only when the queue is empty and the engine stops.
std::optional<Submission> Engine::Writer::take(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  return queue_.pop();
}

void Engine::Writer::write_batch(Submission first) {
  Open open;
  Timings& spent = open.spent;
  {
    const Stopwatch deciding(spent.deciding);
    const Result<void> writable = parts_.log.writable();
    const Timestamp now = stamp();
    for (std::optional<Submission> next = std::move(first); next;) {
      const bool changes = !next->command.dry_run;
      Outcome outcome =
          !writable && changes ? refuse(writable.error()) : decide_into(open, next->command, now);
      open.answers.push_back(Pending{std::move(next->answer), std::move(outcome)});
      const bool more =
          open.events->size() < options_.batch_events && open.answers.size() < batch_commands_max;
      next = more ? take(false) : std::nullopt;
    }
  }
  {
    const Stopwatch appending(spent.appending);
    if (!open.records.empty()) append(open);
  }
  spent.events = open.events->size();
  spent.batches = open.events->empty() ? 0 : 1;
  if (!open.events->empty()) tail_.push(open.events);
  recent_.forget_through(parts_.remembered.position());
  {
    const Stopwatch answering(spent.answering);
    answer_all(open);
  }
  const std::scoped_lock lock(mutex_);
  timings_.deciding += spent.deciding - spent.encoding;
  timings_.encoding += spent.encoding;
  timings_.appending += spent.appending;
  timings_.answering += spent.answering;
  timings_.batches += spent.batches;
  timings_.events += spent.events;
}

/// The time of the events of a batch: never before the last event's.
Timestamp Engine::Writer::stamp() {
  const Timestamp wall = parts_.clock.now();
  watch_clock(wall);
  return std::max(wall, last_event_);
}

/// Raises the alarm if the wall clock is further ahead than time can have passed. While we run,
/// the steady clock tells how much did; before that, only the last event is known.
void Engine::Writer::watch_clock(Timestamp wall) {
  if (last_event_ == Timestamp{}) return;
  const auto running =
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - started_steady_);
  const Timestamp plausible =
      wall == started_at_ ? last_event_ : std::max(last_event_, started_at_ + running);
  if (wall <= plausible + options_.clock_jump_max) return;
  const std::scoped_lock lock(mutex_);
  if (clock_alarm_) return;
  clock_alarm_ = ClockAlarm{.last_event = last_event_, .wall = wall};
  log_error("clock is far ahead of the last event: wall={} last_event={} accept with=\"{}\"",
            to_rfc3339(wall), to_rfc3339(last_event_), "muster clock accept");
}

Outcome Engine::Writer::decide_into(Open& open, const Command& command, Timestamp now) {
  if (auto known = remembered(open, command, now)) return std::move(*known);
  auto decision = decide(state_, command, now);
  if (!decision) return refuse(std::move(decision.error()));
  if (decision->empty()) return Accepted{.dry_run = command.dry_run};
  const std::size_t count = decision->size();
  const auto batch = command.dry_run ? std::make_shared<Batch>() : open.events;
  Accepted accepted{
      .batch = batch, .first = batch->size(), .count = count, .dry_run = command.dry_run};
  record_events(*batch, command, state_, std::move(*decision), decided_, now);
  if (command.dry_run) return accepted;
  const auto events = accepted.events();
  if (const Result<void> encoded = encode_into(open, events); !encoded) {
    batch->erase(batch->end() - static_cast<std::ptrdiff_t>(count), batch->end());
    return refuse(encoded.error());
  }
  for (const Recorded& recorded : events) {
    evolve(state_, recorded);
    if (std::holds_alternative<ClockAccepted>(recorded.event)) {
      const std::scoped_lock lock(mutex_);
      clock_alarm_.reset();
    }
  }
  if (command.idempotency) {
    recent_.add(command.actor.user, command.idempotency->key,
                RememberedCommand{.request = command.idempotency->request,
                                  .first = events.front().sequence,
                                  .count = static_cast<std::uint32_t>(events.size())});
  }
  decided_ = events.back().sequence;
  last_event_ = now;
  MUSTER_ASSERT(decided_.value() <= sequence_max, "sequences stay below 2^53");
  return accepted;
}

/// Encodes all of `events` or, with an error, none: nothing is applied that cannot be stored.
Result<void> Engine::Writer::encode_into(Open& open, std::span<const Recorded> events) {
  const Stopwatch encoding(open.spent.encoding);
  const std::size_t before = open.records.size();
  for (const Recorded& recorded : events) {
    Result<Record> record = parts_.codec.encode(recorded);
    if (!record) {
      open.records.resize(before);
      return tl::unexpected(record.error());
    }
    open.records.push_back(std::move(*record));
  }
  return {};
}

/// What a command under a known idempotency key answers; nullopt if it is new.
std::optional<Outcome> Engine::Writer::remembered(const Open& open, const Command& command,
                                                  Timestamp now) const {
  if (!command.idempotency || command.dry_run) return std::nullopt;
  const auto& [key, request] = *command.idempotency;
  auto known = recent_.find(command.actor.user, key);
  if (!known) known = parts_.remembered.find(command.actor.user, key);
  if (!known) return std::nullopt;
  if (known->request == request) {
    Outcome outcome = repeat(open, *known);
    if (!outcome) return outcome;
    auto allowed = may_hear_again(state_, command, outcome->events(), now);
    return allowed ? std::move(outcome) : refuse(std::move(allowed.error()));
  }
  return refuse(Rejection{
      .code = RejectionCode::idempotency_key_reused,
      .entity = fmt::format("idempotency key {}", key),
      .rule = fmt::format("it was used for another command, at sequence {}", known->first.value()),
      .remedy = "use a new key for a new command",
      .candidates = {}});
}

Outcome Engine::Writer::repeat(const Open& open, const RememberedCommand& command) const {
  if (!open.events->empty() && command.first >= open.events->front().sequence) {
    const auto first = command.first.value() - open.events->front().sequence.value();
    return Accepted{.batch = open.events, .first = first, .count = command.count, .repeated = true};
  }
  const auto events = std::make_shared<Batch>();
  std::optional<Error> broken;
  const Sequence before{command.first.value() - 1};
  const auto read = parts_.log.read_after(before, [&](Sequence sequence, std::string_view record) {
    auto recorded = parts_.codec.decode(sequence, record);
    if (!recorded) {
      broken = recorded.error();
      return false;
    }
    events->push_back(std::move(*recorded));
    return events->size() < command.count;
  });
  if (!read) return refuse(read.error());
  if (broken) return refuse(std::move(*broken));
  return Accepted{.batch = events, .count = events->size(), .repeated = true};
}

/// Waits until the batch is durable. There is no way on from a failed append: what the disk holds
/// is unknown, and asking it again would lie (architecture: crash-only).
void Engine::Writer::append(const Open& open) {
  std::promise<Result<Sequence>> appended;
  parts_.log.append(open.records,
                    [&](Result<Sequence> last) { appended.set_value(std::move(last)); });
  const Result<Sequence> last = appended.get_future().get();
  if (!last) {
    log_error("append failed, ending the process: cause=\"{}\"", last.error().message);
    std::abort();
  }
  MUSTER_ASSERT(*last == decided_, "the log's order is the writer's");
}

void Engine::Writer::answer_all(Open& open) {
  for (Pending& pending : open.answers) pending.answer(std::move(pending.outcome));
}

}  // namespace muster
