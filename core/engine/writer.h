#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/engine/command_queue.h"
#include "core/engine/engine.h"
#include "core/engine/recent_commands.h"

namespace muster {

/// The engine's inside: the queue and the thread that empties it.
class Engine::Writer {
 public:
  Writer(EngineOptions options, Parts parts, State state, Timestamp last_event);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  void stop();
  [[nodiscard]] Result<void> submit(Command command, Answer answer);
  [[nodiscard]] std::size_t submit_some(std::span<Submission> submissions);
  [[nodiscard]] Tail& tail() noexcept { return tail_; }
  [[nodiscard]] std::optional<ClockAlarm> clock_alarm() const;
  [[nodiscard]] Timings timings() const;

 private:
  /// An answer that waits for its batch to be durable.
  struct Pending {
    Answer answer;
    Outcome outcome;
  };

  /// What is decided and not appended yet.
  struct Open {
    std::vector<Record> records;
    std::shared_ptr<Batch> events = std::make_shared<Batch>();
    std::vector<Pending> answers;
    Timings spent;
  };

  void run();
  [[nodiscard]] std::optional<Submission> take(bool wait);
  void write_batch(Submission first);
  [[nodiscard]] Timestamp stamp();
  void watch_clock(Timestamp wall);
  [[nodiscard]] Outcome decide_into(Open& open, const Command& command, Timestamp now);
  [[nodiscard]] Result<void> encode_into(Open& open, std::span<const Recorded> events);
  [[nodiscard]] std::optional<Outcome> remembered(const Open& open, const Command& command,
                                                  Timestamp now) const;
  [[nodiscard]] Outcome repeat(const Open& open, const RememberedCommand& command) const;
  void append(const Open& open);
  void answer_all(Open& open);

  const EngineOptions options_;
  const Parts parts_;
  State state_;       // Owned by the writer's thread, as all below until the mutex.
  Sequence decided_;  // Last sequence given to an event.
  Timestamp last_event_;
  const Timestamp started_at_;  // By the wall clock, and when that was by the steady one.
  const std::chrono::steady_clock::time_point started_steady_ = std::chrono::steady_clock::now();
  RecentCommands recent_;
  Tail tail_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  CommandQueue queue_;                     // Guarded by mutex_.
  bool stopping_ = false;                  // Guarded by mutex_.
  std::optional<ClockAlarm> clock_alarm_;  // Guarded by mutex_.
  Timings timings_;                        // Guarded by mutex_.

  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
