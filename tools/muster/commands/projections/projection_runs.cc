#include "tools/muster/commands/projections/projection_runs.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/base/log.h"
#include "projections/rebuild/rebuilder.h"
#include "tools/http/percent.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/output/text.h"
#include "tools/muster/stop_on_signal.h"
#include "tools/store/offline_views.h"
#include "tools/store/projection_json.h"

namespace muster::cli {
namespace {

constexpr std::chrono::milliseconds ask_every{200};

/// How far a run is, drawn as often as it is asked for.
class RunBar {
 public:
  explicit RunBar(Session& session) : session_(session) {}

  void show(const Json& run) {
    const std::string at = fmt::format("{}: {}", text_at(run, "current"), text_at(run, "phase"));
    if (at != at_) {
      bar_.reset();
      at_ = at;
      if (session_.around().terminal) session_.around().err(fmt::format("\n{}\n", at));
    }
    if (!bar_) {
      bar_.emplace(session_.around().err, session_.around().terminal, ProgressBar::Clock::now());
    }
    // Rows have no total that is known before.
    if (text_at(run, "phase") != "folding") return;
    bar_->update({.done = count_at(run, "events"),
                  .total = count_at(run, "of"),
                  .done_before = count_at(run, "begun_at")},
                 ProgressBar::Clock::now());
  }

  void clear() {
    if (bar_) bar_->clear();
  }

 private:
  Session& session_;
  std::string at_;
  std::optional<ProgressBar> bar_;
};

/// Asks how far it is until it is over.
CliResult<Json> follow(Session& session, const std::function<CliResult<Json>()>& ask) {
  RunBar bar(session);
  while (true) {
    auto run = ask();
    if (!run || text_at(*run, "state") != "running") {
      bar.clear();
      return run;
    }
    bar.show(*run);
    std::this_thread::sleep_for(ask_every);
  }
}

}  // namespace

CliResult<Json> run_on_server(Session& session, const ProjectionRun& what) {
  const std::string path = fmt::format("/v1/projections/{}/{}", percent_encode(what.name),
                                       what.rebuild ? "rebuild" : "check");
  JsonBody body;
  if (what.from_start) body.flag("from_start", true);
  auto begun = session.change(HttpMethod::post, path, std::move(body));
  if (!begun) return begun;
  return follow(session, [&] { return session.get(path); });
}

CliResult<Json> run_offline(Session& session, const ProjectionRun& what) {
  configure_logging(Severity::warn);
  const StopOnSignal signals;
  auto offline = OfflineViews::open(
      what.data, what.rebuild ? OfflineViews::For::rebuilding : OfflineViews::For::reading);
  if (!offline) return failed(offline.error());
  Rebuilder rebuilder((*offline)->parts());
  const auto begun =
      rebuilder.start(what.name, {.switch_over = what.rebuild, .from_start = what.from_start});
  if (!begun) return failed(begun.error());
  return follow(session, [&]() -> CliResult<Json> {
    if (signals.token().stop_requested()) rebuilder.cancel();
    return render_run(rebuilder.run().value());
  });
}

}  // namespace muster::cli
