#include "broker-bridge/devices/device_inbox.h"

#include <utility>

#include "broker-bridge/channel/inbound.h"
#include "core/base/log.h"
#include "core/domain/lifecycle/lives.h"
#include "projections/reader.h"

namespace muster {
namespace {

/// Orphaned and deleted devices have nothing to say.
std::optional<Device> find_living(const Reader& reader, const Uuid& uuid) {
  auto device = reader.find_device(uuid);
  const auto fleet = device ? reader.find(device->fleet) : std::nullopt;
  const auto lifecycle = fleet ? lifecycle_of(*device, *fleet) : Lifecycle::deleted;
  if (lifecycle == Lifecycle::orphaned || lifecycle == Lifecycle::deleted) return std::nullopt;
  return device;
}

}  // namespace

DeviceInbox::DeviceInbox(const Bridge::Parts& parts, LogIdentity identity, Calls calls)
    : store_(parts.store),
      presence_(parts.presence),
      clock_(parts.clock),
      identity_(std::move(identity)),
      calls_(std::move(calls)),
      reports_(parts.engine, parts.store, parts.clock, calls_.report_done),
      acks_(parts.engine, parts.clock) {}

void DeviceInbox::take(const BridgeMail& mail) {
  take_answers(mail);
  for (const auto& [device, said] : mail.from_devices) {
    for (const std::string& presence : said.presences) take_presence(device, presence);
    if (said.state) take_state(device, *said.state);
    for (const std::string& ack : said.acks) take_ack(device, ack);
  }
}

void DeviceInbox::take_answers(const BridgeMail& mail) {
  for (const Uuid& device : mail.reported) reports_.answered(device);
}

void DeviceInbox::take_presence(const Uuid& device, const std::string& payload) {
  const auto report = parse_presence(payload);
  if (!report) {
    refuse("presence", device, report.error());
    return;
  }
  const Reader reader(store_);
  const auto row = find_living(reader, device);
  if (!row) {
    ++refused_;
    return;
  }
  const Timestamp now = clock_.now();
  if (!report->online) {
    presence_.left(row->id, report->session, now);
    if (presence_.look(row->id, now).presence != Presence::offline) return;
    calls_.left(row->id);
    const auto queue = reader.find_queue(row->id);
    if (queue && !queue->open.empty()) acks_.add_offline(device);
    return;
  }
  presence_.born(row->id, report->session, report->boot, now);
  calls_.came(row->id);
  if (is_cloned(row->id)) return;
  ReportDevice command{.device = device,
                       .running_commit = {},
                       .software = report->software,
                       .boot = {},
                       .encoding = report->encoding,
                       .born = true};
  if (!report->boot.empty()) command.boot = report->boot;
  reports_.add(command);
}

/// Two devices with one identity would write events without end: they are not recorded.
bool DeviceInbox::is_cloned(DeviceId device) const {
  return presence_.look(device, clock_.now()).cloned;
}

/// The target that the device says is done; one of another epoch is not ours.
std::optional<Sequence> DeviceInbox::target_done(const ProgressReport& report) const {
  const bool done = report.status == "done" && report.epoch == identity_.epoch;
  return done ? std::optional(Sequence{report.sequence}) : std::nullopt;
}

void DeviceInbox::take_state(const Uuid& device, const std::string& payload) {
  auto report = parse_state(payload);
  if (!report) {
    refuse("state", device, report.error());
    return;
  }
  const auto row = find_living(Reader(store_), device);
  if (!row) {
    ++refused_;
    return;
  }
  if (!is_cloned(row->id)) {
    reports_.add(ReportDevice{.device = device,
                              .running_commit = report->running.value_or(std::string{}),
                              .software = {},
                              .boot = {},
                              .encoding = {},
                              .target_done = target_done(*report)});
  }
  presence_.reported(row->id, std::move(*report), clock_.now());
}

void DeviceInbox::take_ack(const Uuid& device, const std::string& payload) {
  const auto report = parse_ack(payload);
  if (!report) {
    refuse("ack", device, report.error());
    return;
  }
  const auto row = Reader(store_).find_device(device);
  // Of another history: this log knows nothing of it.
  if (!row || report->epoch != identity_.epoch_of(report->n)) {
    ++refused_;
    return;
  }
  calls_.heard(row->id, report->n);
  acks_.add(device, *report);
}

void DeviceInbox::refuse(std::string_view what, const Uuid& device, const Error& error) {
  ++refused_;
  log_debug("{} refused: device={} cause=\"{}\"", what, to_string(device), error.message);
}

bool DeviceInbox::submit() {
  const bool acks_wait = acks_.submit();
  return reports_.submit() || acks_wait;
}

}  // namespace muster
