#include "projections/rebuild/rebuilder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/base/thread_name.h"

namespace muster {
namespace {

constexpr std::string_view all_views = "all";

}  // namespace

Rebuilder::~Rebuilder() { cancel(); }

Result<std::vector<std::string>> Rebuilder::views_of(std::string_view view) const {
  std::vector<std::string> names;
  for (const ViewStatus& each : parts_.store.views()) {
    if (view == all_views || each.name == view) names.push_back(each.name);
  }
  if (!names.empty()) return names;
  return fail(ErrorCode::invalid_input,
              fmt::format("there is no projection `{}`; `muster projection list` shows all", view));
}

Result<void> Rebuilder::start(std::string_view view, const RebuildOptions& options) {
  auto names = views_of(view);
  if (!names) return tl::unexpected(std::move(names).error());
  const std::scoped_lock lock(mutex_);
  if (run_ && run_->state == RebuildRun::State::running) {
    return fail(ErrorCode::in_use,
                fmt::format("projections are {} already, one at a time; wait for it or cancel it",
                            run_->options.switch_over ? "being rebuilt" : "being checked"));
  }
  run_.emplace(RebuildRun{.options = options, .views = std::move(*names)});
  began_ = std::chrono::steady_clock::now();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    name_this_thread("muster-rebuild");
    work(stop);
  });
  return {};
}

void Rebuilder::work(const std::stop_token& stop) {
  const RebuildRun begun = *run();
  Result<void> done;
  for (const std::string& view : begun.views) {
    {
      const std::scoped_lock lock(mutex_);
      run_->current = view;
      progress_.rows = 0;
    }
    auto report = rebuild(parts_, view, begun.options, progress_, stop);
    const std::scoped_lock lock(mutex_);
    std::erase_if(errors_, [&](const auto& each) { return each.first == view; });
    if (report) {
      run_->reports.push_back(std::move(*report));
      continue;
    }
    done = tl::unexpected(std::move(report).error());
    if (!stop.stop_requested()) errors_.emplace_back(view, done.error().message);
    break;
  }
  const std::scoped_lock lock(mutex_);
  run_->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  run_->state = RebuildRun::State::done;
  if (done) return;
  run_->state = stop.stop_requested() ? RebuildRun::State::cancelled : RebuildRun::State::failed;
  run_->problem = done.error().message;
  log_warn("projections not {}: projection={} why=\"{}\"",
           begun.options.switch_over ? "rebuilt" : "checked", run_->current, run_->problem);
}

bool Rebuilder::cancel() {
  const std::scoped_lock lock(mutex_);
  if (!run_ || run_->state != RebuildRun::State::running) return false;
  thread_.request_stop();
  return true;
}

std::optional<RebuildRun> Rebuilder::run() const {
  const std::scoped_lock lock(mutex_);
  auto run = run_;
  if (!run || run->state != RebuildRun::State::running) return run;
  run->phase = progress_.phase;
  run->begun_at = progress_.begun_at;
  run->events = progress_.events;
  run->of = progress_.of;
  run->rows = progress_.rows;
  run->seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
  return run;
}

std::string Rebuilder::last_error(std::string_view view) const {
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, error] : errors_) {
    if (name == view) return error;
  }
  return {};
}

}  // namespace muster
