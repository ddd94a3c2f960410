#include "broker-bridge/devices/report_forwarder.h"

#include <utility>

#include "core/base/log.h"

namespace muster {
namespace {

constexpr std::size_t under_way_max = 1'000;

void log_refusal(const Uuid& device, const Outcome& outcome) {
  if (outcome) return;
  if (const auto* rejection = std::get_if<Rejection>(&outcome.error())) {
    log_warn("report refused: device={} code={} rule=\"{}\"", to_string(device),
             code_of(rejection->code), rejection->rule);
  }
}

}  // namespace

ReportForwarder::ReportForwarder(Engine& engine, const ViewStore& store, Clock& clock,
                                 std::function<void(const Uuid&)> done)
    : engine_(engine), store_(store), clock_(clock), done_(std::move(done)) {}

void ReportForwarder::add(const ReportDevice& report) {
  const auto [entry, added] = waiting_.try_emplace(report.device, report);
  if (added) return;
  ReportDevice& merged = entry->second;
  if (report.running_commit) merged.running_commit = report.running_commit;
  if (report.software) merged.software = report.software;
  if (report.boot) merged.boot = report.boot;
  if (report.encoding) merged.encoding = report.encoding;
  merged.born = merged.born || report.born;
  if (report.target_done) merged.target_done = report.target_done;
}

void ReportForwarder::answered(const Uuid& device) { under_way_.erase(device); }

bool ReportForwarder::changes_something(const Reader& reader, const ReportDevice& report) const {
  const auto device = reader.find_device(report.device);
  if (!device) return false;  // Not one of ours: nothing to say to the log about it.
  if (report.born && device->lifecycle == Lifecycle::deactivated) return true;
  const bool may_end_override =
      device->has(DeviceFlag::lock_override) && !device->has(DeviceFlag::keep_override);
  if (report.target_done && may_end_override) return true;
  if (report.running_commit && *report.running_commit != device->running_commit) return true;
  if (report.boot && *report.boot != device->boot) return true;
  if (report.encoding && *report.encoding != device->encoding) return true;
  return report.software && (report.software->os_version != device->os_version ||
                             report.software->os_variant != device->os_variant ||
                             report.software->agent_version != device->agent_version);
}

bool ReportForwarder::submit() {
  if (waiting_.empty()) return false;
  const Reader reader(store_);
  bool busy = false;
  for (auto entry = waiting_.begin(); entry != waiting_.end() && !busy;) {
    const Uuid device = entry->first;
    if (under_way_.contains(device)) {
      ++entry;
      continue;
    }
    if (!changes_something(reader, entry->second)) {
      entry = waiting_.erase(entry);
      continue;
    }
    if (under_way_.size() >= under_way_max) return true;
    Command command{.id = random_ulid(clock_.now()), .body = entry->second};
    const auto queued =
        engine_.submit(std::move(command), [done = done_, device](const Outcome& outcome) {
          log_refusal(device, outcome);
          done(device);
        });
    busy = !queued;
    if (busy) break;
    under_way_.insert(device);
    entry = waiting_.erase(entry);
  }
  return busy;
}

}  // namespace muster
