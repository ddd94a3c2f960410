#include "tools/muster/apply/apply_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::size_t failures_kept_max = 100;
constexpr int attempts_max = 6;  // Without an answer in between.
constexpr std::chrono::milliseconds first_pause{200};

tl::unexpected<Failure> not_written(const std::string& name) {
  return failed(
      Error{ErrorCode::failed, fmt::format("cannot write {}: {}", name, std::strerror(errno))});
}

}  // namespace

ApplyRun::ApplyRun(Session& session, const ApplyOptions& options, const CommandFile& file)
    : session_(session),
      options_(options),
      file_(file),
      bar_(session.around().err, session.around().terminal, ProgressBar::Clock::now()),
      failed_lines_(file) {}

Outcome ApplyRun::send_all() {
  if (!options_.failures_file.empty()) {
    failures_out_.open(options_.failures_file, std::ios::binary | std::ios::trunc);
    if (!failures_out_) return not_written(options_.failures_file);
  }
  auto pause = first_pause;
  for (int attempt = 1;; ++attempt) {
    const auto before = last_line_;
    const auto sent = send_from(last_line_ + 1);
    bar_.clear();
    if (sent) return finish_failures();
    const bool lost = sent.error().exit_code == ExitCode::not_reachable;
    if (last_line_ > before) {
      attempt = 0;
      pause = first_pause;
    }
    if (!lost || attempt == attempts_max) return tl::unexpected(sent.error());
    session_.around().err(fmt::format("lost the server after line {}, trying again: {}\n",
                                      last_line_, sent.error().problem.detail));
    std::this_thread::sleep_for(pause);
    pause *= 2;
  }
}

CliResult<HttpClientResponse> ApplyRun::send_from(std::uint64_t line) {
  std::string path = fmt::format("/v1/commands?first_line={}", line);
  if (options_.stop_on_error) path += "&stop_on_error=true";
  if (options_.dry_run) path += "&dry_run=true";
  CommandFile::Cursor cursor(file_);
  cursor.skip_to(line);
  partial_.clear();
  auto sent = session_.converse(
      path,
      {{"Content-Type", std::string(ndjson_type)}, {"Idempotency-Key", options_.idempotency_key}},
      HttpParts{.source = [&] { return cursor.part(); },
                .sink = [&](std::string_view part) { take(part); }});
  const bool stopped = options_.stop_on_error && tally_.failed > 0;
  if (sent && !stopped && tally_.answered() < file_.commands()) {
    return failed(Error{ErrorCode::unavailable, fmt::format("the server answered {} of {} commands",
                                                            tally_.answered(), file_.commands())});
  }
  return sent;
}

void ApplyRun::take(std::string_view part) {
  partial_.append(part);
  std::size_t begin = 0;
  for (auto end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n', begin)) {
    take_answer(std::string_view(partial_).substr(begin, end - begin));
    begin = end + 1;
  }
  partial_.erase(0, begin);
  bar_.update({.done = tally_.answered(), .total = file_.commands(), .failed = tally_.failed},
              ProgressBar::Clock::now());
}

void ApplyRun::take_answer(std::string_view line) {
  const auto told = Json::parse(line, nullptr, false);
  if (!told.is_object()) return;
  last_line_ = std::max(last_line_, count_at(told, "line"));
  const auto answer = told.find("answer");
  if (count_at(told, "status") != 200 || answer == told.end()) return keep_failure(told);
  if (flag_at(*answer, "repeated")) {
    ++tally_.repeated;
  } else if (flag_at(*answer, "changed")) {
    ++tally_.done;
  } else {
    ++tally_.unchanged;
  }
}

void ApplyRun::keep_failure(const Json& told) {
  ++tally_.failed;
  const auto answer = told.find("answer");
  const auto problem = answer == told.end() ? Json::object() : *answer;
  Json failure{{"line", count_at(told, "line")},
               {"status", count_at(told, "status")},
               {"code", text_at(told, "code")},
               {"detail", text_at(problem, "detail")},
               {"remedy", text_at(problem, "remedy")}};
  if (failures_.size() < failures_kept_max) failures_.push_back(failure);
  if (!failures_out_.is_open()) return;
  failure["given"] = failed_lines_.line(count_at(told, "line")).value_or("");
  failures_out_ << failure.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

Outcome ApplyRun::finish_failures() {
  if (!failures_out_.is_open()) return {};
  failures_out_.close();
  if (!failures_out_) return not_written(options_.failures_file);
  return {};
}

}  // namespace muster::cli
