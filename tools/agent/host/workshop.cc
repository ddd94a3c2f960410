#include "tools/agent/host/workshop.h"

#include <fmt/format.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <utility>

#include "core/base/log.h"
#include "tools/agent/hook/hooks.h"
#include "tools/agent/services/manifest.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// Sleeps, but for a stop.
void pass(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

Workshop::Workshop(const Surroundings& around, std::size_t device, std::uint64_t boot,
                   std::filesystem::path folder, Supervisor& supervisor)
    : around_(around),
      device_(device),
      boot_(boot),
      folder_(std::move(folder)),
      supervisor_(supervisor) {}

void Workshop::start(const StartStep& step) {
  const auto& options = around_.options;
  ++last_step_;
  if (options.hook.empty()) {
    simulated_step_ = last_step_;
    around_.timers.add(SteadyClock::now() + options.step_time,
                       Due{device_, boot_, DueKind::step_end, simulated_step_});
    return;
  }
  const HookOptions hook{options.hook, options.hook_time_max};
  const StepJob job{options.devices[device_].uuid, folder_, step};
  auto& events = around_.events;
  step_worker_ = std::jthread(
      [hook, job, &events, device = device_, boot = boot_](const std::stop_token& stop) {
        const auto progress = [&](int percent) {
          events.push(Event{device, 0, StepProgressed{percent}, boot});
        };
        events.push(Event{device, 0, run_hook(hook, job, progress, stop), boot});
      });
}

void Workshop::cancel_step() {
  if (std::exchange(simulated_step_, 0) != 0) {
    around_.events.push(Event{device_, 0, StepFinished{1, "abandoned"}, boot_});
  }
  step_worker_.request_stop();
}

void Workshop::end_step(std::uint64_t step) {
  if (step != simulated_step_) return;
  simulated_step_ = 0;
  around_.events.push(Event{device_, 0, StepFinished{}, boot_});
}

void Workshop::start(const StartDeed& deed) {
  deed_ = deed.action;
  deed_worker_ = std::jthread([this, deed](const std::stop_token& stop) { do_deed(deed, stop); });
}

void Workshop::do_deed(const StartDeed& deed, const std::stop_token& stop) {
  const auto& options = around_.options;
  DeedFinished finished;
  if (auto removed = remove_services(*deed.action.kind); !removed) {
    finished = {not_started_code, removed.error().message};
  } else if (options.action_hook.empty()) {
    pass(options.step_time, stop);
  } else {
    const auto progress = [&](int percent) {
      around_.events.push(Event{device_, 0, DeedProgressed{percent}, boot_});
    };
    finished = run_hook({options.action_hook, options.hook_time_max},
                        DeedJob{options.devices[device_].uuid, folder_, deed}, progress, stop);
  }
  if (!stop.stop_requested()) around_.events.push(Event{device_, 0, std::move(finished), boot_});
}

Result<void> Workshop::remove_services(ActionKind kind) {
  if (kind != ActionKind::restart && kind != ActionKind::purge) return {};
  std::promise<Result<void>> promise;
  auto removed = promise.get_future();
  supervisor_.remove(
      kind == ActionKind::purge ? Supervisor::Volumes::emptied : Supervisor::Volumes::kept,
      [&promise](const Result<void>& result) { promise.set_value(result); });
  return removed.get();
}

void Workshop::run(const RunServices& services) {
  const auto done = [&events = around_.events, device = device_,
                     boot = boot_](const Result<void>& result) {
    if (!result) log_error("services not as they should be: why=\"{}\"", result.error().message);
    events.push(Event{device, 0, ServicesReady{}, boot});
  };
  supervisor_.run(parse_services(services.release.manifest).value_or(std::vector<ServiceSpec>()),
                  done);
}

std::optional<Action> Workshop::simulated_deed() const {
  return around_.options.action_hook.empty() ? deed_ : std::nullopt;
}

void Workshop::request_stop() {
  step_worker_.request_stop();
  deed_worker_.request_stop();
}

}  // namespace muster::agent
