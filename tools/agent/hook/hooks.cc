#include "tools/agent/hook/hooks.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>
#include <vector>

#include "core/base/log.h"
#include "tools/agent/hook/child_process.h"
#include "tools/agent/hook/line_reader.h"
#include "tools/agent/support/files.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto look_every = 50ms;
constexpr auto progress_pause = 100ms;
constexpr std::size_t message_length_max = 500;

std::optional<int> read_progress(std::string_view line) {
  constexpr std::string_view word = "progress ";
  if (!line.starts_with(word)) return std::nullopt;
  line.remove_prefix(word.size());
  int percent = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), percent);
  if (error != std::errc() || end != line.data() + line.size()) return std::nullopt;
  return percent;
}

/// With what the program is called.
struct HookCall {
  Uuid device;
  std::string word;
  std::vector<std::string> environment;
};

struct HookOutcome {
  int code = 0;
  std::string message;
};

/// One run of the hook, from the start to the end of its process.
class HookRun {
 public:
  HookRun(const HookOptions& options, HookCall call, const std::function<void(int)>& progress)
      : options_(options), call_(std::move(call)), on_progress_(progress) {}

  HookOutcome run(const std::stop_token& stop);

 private:
  std::optional<HookOutcome> start();
  bool watch(const std::stop_token& stop);
  void read_lines();
  void on_output(std::string_view line);
  void on_complaint(std::string_view line);
  void stop_group();
  [[nodiscard]] HookOutcome outcome() const;

  const HookOptions& options_;
  HookCall call_;
  const std::function<void(int)>& on_progress_;
  SteadyClock::time_point deadline_ = SteadyClock::now() + options_.time_max;
  SteadyClock::time_point next_progress_;
  ChildProcess child_;
  LineReader output_;
  LineReader complaints_;
  std::string last_complaint_;
};

HookOutcome HookRun::run(const std::stop_token& stop) {
  if (auto refused = start()) return *refused;
  if (watch(stop)) {
    read_lines();
    return outcome();
  }
  stop_group();
  read_lines();
  if (stop.stop_requested()) return {128 + SIGTERM, "abandoned"};
  const auto limit_s = std::chrono::duration_cast<std::chrono::seconds>(options_.time_max);
  return {timed_out_code, fmt::format("the hook took longer than {} s", limit_s.count())};
}

std::optional<HookOutcome> HookRun::start() {
  const auto arguments = {options_.program.string(), call_.word};
  auto started = ChildProcess::start(arguments, call_.environment);
  if (!started) return HookOutcome{not_started_code, started.error().message};
  child_ = std::move(*started);
  output_ = LineReader(child_.output());
  complaints_ = LineReader(child_.complaints());
  return std::nullopt;
}

/// True once the process has ended; false if it must be stopped.
bool HookRun::watch(const std::stop_token& stop) {
  while (!child_.has_ended()) {
    if (stop.stop_requested() || SteadyClock::now() >= deadline_) return false;
    child_.wait(look_every);
    read_lines();
  }
  return true;
}

void HookRun::read_lines() {
  output_.read([this](std::string_view line) { on_output(line); });
  complaints_.read([this](std::string_view line) { on_complaint(line); });
}

void HookRun::on_output(std::string_view line) {
  const auto percent = read_progress(line);
  if (!percent) {
    log_debug("hook: device={} step={} out=\"{}\"", to_string(call_.device), call_.word, line);
    return;
  }
  const auto now = SteadyClock::now();
  if (now < next_progress_) return;
  next_progress_ = now + progress_pause;
  on_progress_(std::clamp(*percent, 0, 100));
}

void HookRun::on_complaint(std::string_view line) {
  log_debug("hook: device={} step={} err=\"{}\"", to_string(call_.device), call_.word, line);
  if (!line.empty()) last_complaint_ = line.substr(0, message_length_max);
}

void HookRun::stop_group() {
  child_.signal_group(SIGTERM);
  const auto last = SteadyClock::now() + options_.grace;
  while (child_.is_group_alive() && SteadyClock::now() < last) {
    child_.wait(look_every);
    read_lines();
  }
  child_.signal_group(SIGKILL);
  while (!child_.has_ended()) child_.wait(look_every);
}

HookOutcome HookRun::outcome() const {
  const int status = child_.exit_status();
  const bool is_killed = WIFSIGNALED(status);
  const int code = is_killed ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  if (code == 0) return {};
  if (!last_complaint_.empty()) return {code, last_complaint_};
  if (is_killed) {
    return {code, fmt::format("the hook was ended by signal {} ({})", WTERMSIG(status),
                              ::strsignal(WTERMSIG(status)))};
  }
  return {code, fmt::format("the hook ended with code {}", code)};
}

HookCall step_call(const StepJob& job) {
  const auto& release = job.step.release;
  const std::string word(to_string(job.step.kind));
  return {job.device,
          word,
          {fmt::format("MUSTER_DEVICE={}", to_string(job.device)),
           fmt::format("MUSTER_STEP={}", word), fmt::format("MUSTER_COMMIT={}", release.commit),
           fmt::format("MUSTER_SEMVER={}", release.semver),
           fmt::format("MUSTER_RELEASE_ID={}", release.id),
           fmt::format("MUSTER_MANIFEST={}", (job.folder / "manifest.json").string()),
           fmt::format("MUSTER_FOLDER={}", job.folder.string()),
           fmt::format("MUSTER_PREVIOUS_COMMIT={}", job.step.previous_commit)}};
}

HookCall deed_call(const DeedJob& job, const std::string& word) {
  const auto& action = job.deed.action;
  return {job.device,
          word,
          {fmt::format("MUSTER_DEVICE={}", to_string(job.device)),
           fmt::format("MUSTER_ACTION={}", to_string(*action.kind)),
           fmt::format("MUSTER_ACTION_N={}", action.key.position.n),
           fmt::format("MUSTER_ACTION_ID={}", action.key.id),
           fmt::format("MUSTER_ACTION_ARGS={}", action.args),
           fmt::format("MUSTER_ACTION_AGAIN={}", job.deed.again ? 1 : 0),
           fmt::format("MUSTER_FOLDER={}", job.folder.string())}};
}

}  // namespace

StepFinished run_hook(const HookOptions& options, const StepJob& job,
                      const std::function<void(int)>& on_progress, const std::stop_token& stop) {
  const auto written = replace_file(job.folder / "manifest.json", job.step.release.manifest);
  if (!written) return {not_started_code, written.error().message};
  auto [code, message] = HookRun(options, step_call(job), on_progress).run(stop);
  return {code, std::move(message)};
}

DeedFinished run_hook(const HookOptions& options, const DeedJob& job,
                      const std::function<void(int)>& on_progress, const std::stop_token& stop) {
  const std::string word(to_string(*job.deed.action.kind));
  if (job.deed.again && job.deed.action.kind == ActionKind::os_update) {
    auto [code, message] = HookRun(options, deed_call(job, word + "-check"), on_progress).run(stop);
    if (code != not_done_code) return {code, std::move(message)};
  }
  auto [code, message] = HookRun(options, deed_call(job, word), on_progress).run(stop);
  return {code, std::move(message)};
}

}  // namespace muster::agent
