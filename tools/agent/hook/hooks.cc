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

/// One run of the hook, from the start to the end of its process.
class HookRun {
 public:
  HookRun(const HookOptions& options, const StepJob& job, const std::function<void(int)>& progress)
      : options_(options), job_(job), on_progress_(progress) {}

  StepFinished run(const std::stop_token& stop);

 private:
  std::optional<StepFinished> start();
  [[nodiscard]] std::vector<std::string> environment() const;
  bool watch(const std::stop_token& stop);
  void read_lines();
  void on_output(std::string_view line);
  void on_complaint(std::string_view line);
  void stop_group();
  [[nodiscard]] StepFinished outcome() const;

  const HookOptions& options_;
  const StepJob& job_;
  const std::function<void(int)>& on_progress_;
  SteadyClock::time_point deadline_ = SteadyClock::now() + options_.time_max;
  SteadyClock::time_point next_progress_;
  ChildProcess child_;
  LineReader output_;
  LineReader complaints_;
  std::string last_complaint_;
};

StepFinished HookRun::run(const std::stop_token& stop) {
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

std::optional<StepFinished> HookRun::start() {
  const auto manifest = job_.folder / "manifest.json";
  if (auto written = replace_file(manifest, job_.step.release.manifest); !written) {
    return StepFinished{not_started_code, written.error().message};
  }
  const auto arguments = {options_.program.string(), std::string(to_string(job_.step.kind))};
  auto started = ChildProcess::start(arguments, environment());
  if (!started) return StepFinished{not_started_code, started.error().message};
  child_ = std::move(*started);
  output_ = LineReader(child_.output());
  complaints_ = LineReader(child_.complaints());
  return std::nullopt;
}

std::vector<std::string> HookRun::environment() const {
  const auto& release = job_.step.release;
  return {fmt::format("MUSTER_DEVICE={}", to_string(job_.device)),
          fmt::format("MUSTER_STEP={}", to_string(job_.step.kind)),
          fmt::format("MUSTER_COMMIT={}", release.commit),
          fmt::format("MUSTER_SEMVER={}", release.semver),
          fmt::format("MUSTER_RELEASE_ID={}", release.id),
          fmt::format("MUSTER_MANIFEST={}", (job_.folder / "manifest.json").string()),
          fmt::format("MUSTER_FOLDER={}", job_.folder.string()),
          fmt::format("MUSTER_PREVIOUS_COMMIT={}", job_.step.previous_commit)};
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
    log_debug("hook: device={} step={} out=\"{}\"", to_string(job_.device),
              to_string(job_.step.kind), line);
    return;
  }
  const auto now = SteadyClock::now();
  if (now < next_progress_) return;
  next_progress_ = now + progress_pause;
  on_progress_(std::clamp(*percent, 0, 100));
}

void HookRun::on_complaint(std::string_view line) {
  log_debug("hook: device={} step={} err=\"{}\"", to_string(job_.device), to_string(job_.step.kind),
            line);
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

StepFinished HookRun::outcome() const {
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

}  // namespace

StepFinished run_hook(const HookOptions& options, const StepJob& job,
                      const std::function<void(int)>& on_progress, const std::stop_token& stop) {
  return HookRun(options, job, on_progress).run(stop);
}

}  // namespace muster::agent
