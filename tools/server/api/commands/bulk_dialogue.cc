#include "tools/server/api/commands/bulk_dialogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/log.h"
#include "tools/server/api/problems.h"

namespace muster {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t lines_at_once = 256;        // Then others on this thread have their turn.
constexpr std::size_t entries_max = 2'048;        // On their way at one time.
constexpr std::size_t weight_max = 20'000;        // So are the devices they change.
constexpr std::size_t out_bytes_max = 4U << 20U;  // Not taken by the client yet.
constexpr std::uint64_t refusals_logged_max = 100;
constexpr milliseconds views_wait{50};   // As long as the answer to a single command waits.
constexpr milliseconds engine_retry{2};  // It has room again soon: it does thousands a second.

std::size_t weight_of(const Command& command) {
  return std::visit(
      [](const auto& body) -> std::size_t {
        if constexpr (requires { body.selected->ids; }) {
          const std::size_t selected = body.selected ? body.selected->ids.size() : 0;
          return std::max<std::size_t>(1, body.devices.size() + selected);
        }
        return 1;
      },
      command.body);
}

Problem too_long() {
  return Problem{
      .status = 413,
      .code = "line-too-long",
      .title = "The line is too long",
      .detail = fmt::format("A line may have {} bytes at most.", BulkDialogue::line_bytes_max),
      .remedy = "Use several commands."};
}

Problem no_commands() {
  return Problem{.status = 400,
                 .code = "no-commands",
                 .title = "There is nothing to do",
                 .detail = "The body has no line with a command.",
                 .remedy = "Send one JSON object a line."};
}

/// The last event the answer tells of; 0 if it tells of nothing that was stored.
Sequence last_of(const Outcome& outcome) {
  const bool stored = outcome && !outcome->dry_run && !outcome->events().empty();
  return stored ? outcome->events().back().sequence : Sequence{};
}

}  // namespace

void BulkDialogue::take(std::string_view part) {
  lines_.feed(part);
  starved_ = false;
  work();
}

void BulkDialogue::end(bool complete) {
  ended_ = true;
  complete_ = complete;
  lines_.end(complete);
  starved_ = false;
  work();
}

HttpResponse BulkDialogue::head() {
  if (answered_ == 0) return to_response(no_commands());
  return HttpResponse{.content_type = std::string(ndjson_type)};
}

std::string BulkDialogue::give() {
  std::string part = std::exchange(out_, {});
  if (!part.empty() && !starved_) work_later(milliseconds{0});  // There may be room again.
  return part;
}

bool BulkDialogue::finished() const {
  const bool read = stopped_ || (ended_ && starved_);
  return read && entries_.empty() && out_.empty();
}

void BulkDialogue::abandon() {
  abandoned_ = true;
  out_.clear();
  if (ended_) return work_later(milliseconds{0});
  end(false);
}

void BulkDialogue::work() {
  collect();
  answer_lines();
  read_lines();
  submit_waiting();
  answer_lines();  // Of lines that were refused when they were read.
  if (finished()) report();
  changed();
}

void BulkDialogue::work_later(milliseconds delay) {
  parts_.later(delay, [self = shared_from_this()] { self->work(); });
}

/// On the engine's thread. The first one of several has them all collected.
void BulkDialogue::deliver(std::uint64_t entry, Outcome outcome) {
  bool first = false;
  {
    const std::scoped_lock lock(inbox_.mutex);
    first = inbox_.outcomes.empty();
    inbox_.outcomes.emplace_back(entry, std::move(outcome));
  }
  if (first) work_later(milliseconds{0});
}

void BulkDialogue::collect() {
  std::vector<std::pair<std::uint64_t, Outcome>> outcomes;
  {
    const std::scoped_lock lock(inbox_.mutex);
    outcomes.swap(inbox_.outcomes);
  }
  const auto now = steady_clock::now();
  for (auto& [number, outcome] : outcomes) {
    Entry& entry = entries_[number - first_entry_];
    entry.outcome = std::move(outcome);
    entry.decided = now;
  }
}

void BulkDialogue::answer_lines() {
  const auto ready = [](const Entry& entry) { return entry.problem || entry.outcome; };
  if (entries_.empty() || !ready(entries_.front())) return;
  const Reader reader(parts_.api.store);
  AnswerWriter writer(parts_.api.answers, reader);
  for (std::size_t count = 0; !entries_.empty() && ready(entries_.front()); ++count) {
    if (count == lines_at_once) return work_later(milliseconds{0});
    if (wait_for_views(reader.position())) return;
    const Entry entry = std::move(entries_.front());
    entries_.pop_front();
    ++first_entry_;
    weight_ -= entry.weight;
    answer(writer, entry);
  }
}

/// True if the front line's answer has to wait until the lists show what it did, as the answer to
/// a single command does. Then the next try is arranged, at a time when many can be answered.
bool BulkDialogue::wait_for_views(Sequence position) {
  const Entry& front = entries_.front();
  if (!front.outcome || last_of(*front.outcome) <= position) return false;
  const auto waited = steady_clock::now() - front.decided;
  if (waited >= views_wait) return false;
  if (std::exchange(awaits_views_, true)) return true;
  Sequence last;
  for (const Entry& entry : entries_) {
    if (!entry.problem && !entry.outcome) break;
    if (entry.outcome) last = std::max(last, last_of(*entry.outcome));
  }
  const auto again = [self = shared_from_this()] {
    self->awaits_views_ = false;
    self->work();
  };
  parts_.api.runner.when(last, [later = parts_.later, again] { later(milliseconds{0}, again); });
  parts_.later(views_wait, again);
  return true;
}

void BulkDialogue::answer(AnswerWriter& writer, const Entry& entry) {
  ++answered_;
  if (!entry.problem && *entry.outcome) {
    if (abandoned_) return;
    fmt::format_to(std::back_inserter(out_), R"({{"line":{},"status":200,"answer":)", entry.line);
    writer.append(out_, **entry.outcome);
    out_.append("}\n");
    return;
  }
  const Problem problem = entry.problem ? *entry.problem : to_problem(entry.outcome->error());
  if (++refused_ <= refusals_logged_max) {
    Refused who = Refused::of(request_, actor_);
    who.what = fmt::format("line {} of {}", entry.line, who.what);
    log_refusal(parts_.api, who, problem);
  }
  if (options_.stop_on_error) stopped_ = true;
  if (abandoned_) return;
  const std::string body = to_response(problem).body;  // Ends the line.
  fmt::format_to(std::back_inserter(out_),
                 R"({{"line":{},"status":{},"code":"{}","answer":{}}})"
                 "\n",
                 entry.line, problem.status, problem.code,
                 std::string_view(body).substr(0, body.size() - 1));
}

bool BulkDialogue::has_room() const {
  if (stopped_ || engine_full_ || out_.size() >= out_bytes_max) return false;
  if (options_.stop_on_error) return entries_.empty();  // Each line has to know how the last went.
  return entries_.size() < entries_max && weight_ < weight_max;
}

void BulkDialogue::read_lines() {
  std::optional<Moment> moment;  // One for some lines: making it is not free.
  for (std::size_t count = 0; has_room(); ++count) {
    if (count == lines_at_once) return work_later(milliseconds{0});
    const auto line = lines_.next();
    starved_ = !line;
    if (!line) return;
    if (!moment) moment.emplace(parts_.api, request_);
    auto command = read(*moment, *line);
    if (command) {
      enqueue(line->number, std::move(*command));
    } else {
      entries_.push_back(Entry{.line = line->number, .problem = std::move(command.error())});
    }
  }
}

HttpResult<Command> BulkDialogue::read(const Moment& moment, const LineSplitter::Line& line) {
  if (!moment.caller) {  // Not any more: no later line would fare better.
    stopped_ = true;
    return tl::unexpected(moment.caller.error());
  }
  actor_ = moment.caller->actor();
  if (line.too_long) return tl::unexpected(too_long());
  return parts_.table.read_line(Asking{.parts = parts_.api,
                                       .reader = moment.reader,
                                       .caller = *moment.caller,
                                       .now = moment.now},
                                line.text, options_.for_line(line.number));
}

void BulkDialogue::enqueue(std::uint64_t line, Command command) {
  const std::uint64_t number = first_entry_ + entries_.size();
  const std::size_t weight = weight_of(command);
  entries_.push_back(Entry{.line = line, .weight = weight});
  weight_ += weight;
  submissions_.push_back(Submission{.command = std::move(command),
                                    .answer = [self = shared_from_this(), number](Outcome outcome) {
                                      self->deliver(number, std::move(outcome));
                                    }});
}

/// Gives the engine what it takes. The rest waits: being faster than it is no failure.
void BulkDialogue::submit_waiting() {
  if (submissions_.empty()) return;
  const std::size_t taken = parts_.api.engine.submit_some(submissions_);
  submissions_.erase(submissions_.begin(),
                     submissions_.begin() + static_cast<std::ptrdiff_t>(taken));
  engine_full_ = !submissions_.empty();
  if (engine_full_) work_later(engine_retry);
}

void BulkDialogue::report() {
  if (std::exchange(reported_, true)) return;
  log_info("commands in bulk: user={} token={} remote={} lines={} refused={} complete={}",
           actor_.user.value(), actor_.token.value(), request_.remote, answered_, refused_,
           complete_);
}

}  // namespace muster
