#include "tools/muster/commands/bench/telling.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "core/base/log.h"
#include "tools/muster/stop_on_signal.h"

namespace muster::cli {
namespace {

/// Says on a terminal what goes on, on one line that goes away at the end.
class ProgressLine {
 public:
  explicit ProgressLine(Session& session)
      : session_(session), is_shown_(::isatty(STDERR_FILENO) == 1) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { say({}); }

  void say(std::string_view what) const {
    if (is_shown_) session_.around().err(fmt::format("\r\x1b[K{}", what));
  }

 private:
  Session& session_;
  const bool is_shown_;
};

}  // namespace

double micros(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

std::string millis(double micros) { return fmt::format("{:.3f}", micros / 1'000); }

std::string whole(double value) { return fmt::format("{:.0f}", value); }

std::string verdict(bool met) { return met ? "met" : "MISSED"; }

Json latency_json(const bench::LatencySummary& latency) {
  return Json{{"count", latency.count},
              {"p50", micros(latency.p50)},
              {"p99", micros(latency.p99)},
              {"max", micros(latency.max)}};
}

std::filesystem::path this_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error);
}

void with_progress(Session& session, const std::function<void(const bench::Progress&)>& measure) {
  configure_logging(Severity::warn);
  const StopOnSignal signals;
  const ProgressLine line(session);
  measure({.say = [&line](std::string_view what) { line.say(what); }, .stop = signals.token()});
}

}  // namespace muster::cli
