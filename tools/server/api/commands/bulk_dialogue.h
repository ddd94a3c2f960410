#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/http/dialogue.h"
#include "tools/server/api/commands/bulk_options.h"
#include "tools/server/api/commands/command_table.h"
#include "tools/server/api/commands/line_splitter.h"

namespace muster {

/// Commands in bulk (docs/http-api.md): one a line, answered line by line in their order. Reads
/// lines only as fast as the engine takes commands and the client takes answers, so that nothing
/// heaps up. Works on the server's thread; outcomes reach it from the engine's. Whatever is still
/// to come keeps it alive, so that lines which have arrived are done though the client is gone.
class BulkDialogue final : public HttpDialogue, public std::enable_shared_from_this<BulkDialogue> {
 public:
  struct Parts {
    const ApiParts& api;  // Outlives it, as the table does.
    const CommandTable& table;
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;  // On the thread.
  };
  BulkDialogue(Parts parts, HttpRequest request, BulkOptions options)
      : parts_(std::move(parts)),
        request_(std::move(request)),
        options_(std::move(options)),
        lines_(options_.first_line, line_bytes_max) {}

  [[nodiscard]] bool hungry() const override { return starved_ && !ended_ && !stopped_; }
  void take(std::string_view part) override;
  void end(bool complete) override;
  [[nodiscard]] HttpResponse head() override;
  [[nodiscard]] std::string give() override;
  [[nodiscard]] bool finished() const override;
  [[nodiscard]] bool cut_off() const override { return ended_ && !complete_ && !stopped_; }
  void abandon() override;

  /// A line may be as long as the body of a command of its own.
  static constexpr std::size_t line_bytes_max = std::size_t{1} << 20U;

 private:
  /// A line between its reading and its answer.
  struct Entry {
    std::uint64_t line = 0;
    std::size_t weight = 0;          // How many devices it may change.
    std::optional<Problem> problem;  // The engine was not asked.
    std::optional<Outcome> outcome;  // Of the engine.
    std::chrono::steady_clock::time_point decided;
  };

  /// What lines are read by: the rows at some time, and who the caller is by them.
  struct Moment {
    Moment(const ApiParts& api, const HttpRequest& request)
        : reader(api.store), now(api.clock.now()), caller(authenticate(reader, request, now)) {}
    Reader reader;
    Timestamp now;
    HttpResult<Caller> caller;
  };

  /// Where the engine's thread leaves outcomes, each with the number of its entry.
  struct Inbox {
    std::mutex mutex;
    std::vector<std::pair<std::uint64_t, Outcome>> outcomes;  // Guarded by mutex.
  };

  void work();
  void work_later(std::chrono::milliseconds delay);
  void deliver(std::uint64_t entry, Outcome outcome);
  void collect();
  void answer_lines();
  bool wait_for_views(Sequence position);
  void answer(AnswerWriter& writer, const Entry& entry);
  void read_lines();
  [[nodiscard]] bool has_room() const;
  HttpResult<Command> read(const Moment& moment, const LineSplitter::Line& line);
  void enqueue(std::uint64_t line, Command command);
  void submit_waiting();
  void report();

  const Parts parts_;
  const HttpRequest request_;
  const BulkOptions options_;
  LineSplitter lines_;
  Actor actor_;                          // The caller, as far as it is known.
  std::deque<Entry> entries_;            // In the order of their lines.
  std::uint64_t first_entry_ = 0;        // The number of the front one.
  std::size_t weight_ = 0;               // Of all of them.
  std::vector<Submission> submissions_;  // For which the engine had no room yet.
  Inbox inbox_;
  std::string out_;
  std::uint64_t answered_ = 0;
  std::uint64_t refused_ = 0;
  bool starved_ = true;       // There is no whole line to read.
  bool ended_ = false;        // Nothing more comes.
  bool complete_ = false;     // And it came as a whole.
  bool stopped_ = false;      // No more lines are to be done.
  bool engine_full_ = false;  // It will be asked again.
  bool awaits_views_ = false;
  bool abandoned_ = false;
  bool reported_ = false;
};

}  // namespace muster
