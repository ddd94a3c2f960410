#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <tl/expected.hpp>
#include <variant>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/domain/decide/command.h"
#include "core/domain/decide/rejection.h"
#include "core/domain/state.h"
#include "core/log/event_log.h"
#include "core/log/idempotency_index.h"
#include "core/log/record_codec.h"
#include "core/log/tail.h"

namespace muster {

struct EngineOptions {
  std::size_t queue_max = 10'000;     // Commands waiting in a lane; beyond it: busy.
  std::size_t batch_events = 200;     // A batch is cut at about so many, never inside a command.
  std::size_t tail_events = 500'000;  // Committed and not folded; beyond it: busy.
  std::chrono::hours clock_jump_max{24};  // Further ahead of the last event: an alarm.
};

/// What an accepted command led to. Cheap to copy.
struct Accepted {
  std::shared_ptr<const Batch> batch;  // Has its events, maybe among those of other commands.
  std::size_t first = 0;               // Of its events in the batch.
  std::size_t count = 0;
  bool repeated = false;  // Done before under the same idempotency key; its events say what.
  bool dry_run = false;   // Nothing was appended; the events say what would be.

  /// Empty: nothing to do, the wish was already true. Good as long as the batch.
  [[nodiscard]] std::span<const Recorded> events() const {
    return batch ? std::span(*batch).subspan(first, count) : std::span<const Recorded>{};
  }
};

/// A refusal by the domain's rules, or a failure around them (busy, disk nearly full).
using Refusal = std::variant<Rejection, Error>;
using Outcome = tl::expected<Accepted, Refusal>;

/// Called once, on the writer's thread; must only hand over. Accepted events are durable by then.
using Answer = std::function<void(Outcome)>;

/// A command and who is to hear of its outcome.
struct Submission {
  Command command;
  Answer answer;
};

/// The single writer: one thread takes commands from bounded queues, decides them in order,
/// appends what follows in batches and answers after the batch is durable. What users ask for one
/// by one goes before what comes in masses and what the server itself has to say; within each of
/// the three the order is that of submission.
///
/// If the log fails to append, the process ends: what was acknowledged is on disk, and the next
/// start recovers it.
class Engine {
 public:
  /// `state` must be the fold of the whole log. The references must outlive the engine.
  struct Parts {
    EventLog& log;
    RecordCodec& codec;
    IdempotencyIndex& remembered;
    Clock& clock;
  };
  Engine(EngineOptions options, Parts parts, State state, Timestamp last_event);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Stops.
  ~Engine();

  /// Takes no more commands, decides and answers those submitted, then ends the thread. Returns
  /// when that is done; the tail can still be followed. Again: does nothing.
  void stop();

  /// Queues `command`; `answer` follows. Any thread; does not block.
  /// Errors: unavailable when busy or stopping; `answer` is then never called.
  [[nodiscard]] Result<void> submit(Command command, Answer answer);

  /// Queues the first of `submissions`, in one go so that they fill batches, and moves them out;
  /// says how many: as many as there is room for. None while busy or stopping. Any thread; does not
  /// block.
  [[nodiscard]] std::size_t submit_some(std::span<Submission> submissions);

  /// What the projections follow.
  [[nodiscard]] Tail& tail();

  /// The time of the last event and the wall clock's, while the latter is suspiciously far ahead
  /// and no administrator has accepted it. Any thread.
  struct ClockAlarm {
    Timestamp last_event;
    Timestamp wall;
  };
  [[nodiscard]] std::optional<ClockAlarm> clock_alarm() const;

  /// Where the writer's time went since the start, for benchmarks. Any thread.
  struct Timings {
    std::chrono::nanoseconds deciding{0};
    std::chrono::nanoseconds encoding{0};
    std::chrono::nanoseconds appending{0};
    std::chrono::nanoseconds answering{0};
    std::uint64_t batches = 0;
    std::uint64_t events = 0;
  };
  [[nodiscard]] Timings timings() const;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace muster
