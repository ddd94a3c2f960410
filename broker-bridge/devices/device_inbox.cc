#include "broker-bridge/devices/device_inbox.h"

#include <utility>

#include "broker-bridge/channel/inbound.h"
#include "core/base/log.h"
#include "projections/reader.h"

namespace muster {

DeviceInbox::DeviceInbox(const Bridge::Parts& parts, Calls calls)
    : store_(parts.store),
      presence_(parts.presence),
      clock_(parts.clock),
      came_(std::move(calls.came)),
      reports_(parts.engine, parts.store, parts.clock, std::move(calls.report_done)) {}

void DeviceInbox::take(const BridgeMail& mail) {
  take_answers(mail);
  for (const auto& [device, said] : mail.from_devices) {
    for (const std::string& presence : said.presences) take_presence(device, presence);
    if (said.state) take_state(device, *said.state);
  }
}

void DeviceInbox::take_answers(const BridgeMail& mail) {
  for (const Uuid& device : mail.reported) reports_.answered(device);
}

void DeviceInbox::take_presence(const Uuid& device, const std::string& payload) {
  const auto report = parse_presence(payload);
  if (!report) {
    ++refused_;
    log_debug("presence refused: device={} cause=\"{}\"", to_string(device),
              report.error().message);
    return;
  }
  const Reader reader(store_);
  const auto row = reader.find_device(device);
  if (!row) {
    ++refused_;
    return;
  }
  const Timestamp now = clock_.now();
  if (!report->online) {
    presence_.left(row->id, report->session, now);
    return;
  }
  presence_.born(row->id, report->session, report->boot, now);
  came_(row->id);
  if (is_cloned(row->id)) return;
  ReportDevice command{.device = device,
                       .running_commit = {},
                       .software = report->software,
                       .boot = {},
                       .encoding = report->encoding};
  if (!report->boot.empty()) command.boot = report->boot;
  reports_.add(command);
}

/// Two devices with one identity would write events without end: they are not recorded.
bool DeviceInbox::is_cloned(DeviceId device) const {
  return presence_.look(device, clock_.now()).cloned;
}

void DeviceInbox::take_state(const Uuid& device, const std::string& payload) {
  auto report = parse_state(payload);
  if (!report) {
    ++refused_;
    log_debug("state refused: device={} cause=\"{}\"", to_string(device), report.error().message);
    return;
  }
  const auto row = Reader(store_).find_device(device);
  if (!row) {
    ++refused_;
    return;
  }
  if (!is_cloned(row->id)) {
    reports_.add(ReportDevice{.device = device,
                              .running_commit = report->running.value_or(std::string{}),
                              .software = {},
                              .boot = {},
                              .encoding = {}});
  }
  presence_.reported(row->id, std::move(*report), clock_.now());
}

}  // namespace muster
