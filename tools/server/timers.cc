#include "tools/server/timers.h"

#include <utility>

#include "core/base/log.h"
#include "core/base/thread_name.h"
#include "projections/actions/action_reader.h"
#include "projections/grants/grants.h"

namespace muster {
namespace {

constexpr std::chrono::seconds every{1};
constexpr std::size_t actions_max = 1'000;  // At a time.
constexpr std::size_t grants_max = 1'000;   // Of each kind at a time.

}  // namespace

Timers::Timers(TimerParts parts, std::vector<Task> tasks)
    : parts_(parts), tasks_(std::move(tasks)), thread_([this](const std::stop_token& stop) {
        name_this_thread("muster-timers");
        run(stop);
      }) {}

void Timers::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!parts_.engine.clock_alarm()) {
      const Timestamp now = parts_.clock.now();
      for (const Task& task : tasks_) task(parts_, now);
    }
    std::unique_lock lock(mutex_);
    ended_.wait_for(lock, stop, every, [] { return false; });
  }
}

void expire_actions(const TimerParts& parts, Timestamp now) {
  const Reader reader(parts.views);
  ExpireActions due;
  for (const ActionReader::Due& action : ActionReader(reader).due(now, actions_max)) {
    if (action.device == DeviceId{}) {
      due.fleets.push_back({action.fleet, action.n});
    } else {
      due.devices.push_back({action.device, action.n});
    }
  }
  if (due.devices.empty() && due.fleets.empty()) return;
  Command command{.id = random_ulid(now), .body = std::move(due)};
  const auto queued = parts.engine.submit(std::move(command), [](const Outcome& outcome) {
    if (!outcome) log_warn("actions not ended: the command was refused");
  });
  if (!queued) log_debug("actions not ended yet: the engine is busy");
}

void expire_support(const TimerParts& parts, Timestamp now) {
  Granted due = due_grants(ViewSnapshot(parts.views), now, grants_max);
  if (due.empty()) return;
  Command command{
      .id = random_ulid(now),
      .body = ExpireSupport{.devices = std::move(due.devices), .fleets = std::move(due.fleets)}};
  const auto queued = parts.engine.submit(std::move(command), [](const Outcome& outcome) {
    if (!outcome) log_warn("support access not ended: the command was refused");
  });
  if (!queued) log_debug("support access not ended yet: the engine is busy");
}

}  // namespace muster
