#include "broker-bridge/presence.h"

#include <utility>

namespace muster {
namespace {

// More changes of the boot id within the window than a device can make by itself.
constexpr std::size_t boot_changes_max = 5;
constexpr std::chrono::minutes boot_window{1};

}  // namespace

void PresenceTable::restart(Timestamp now, std::chrono::seconds patience) {
  const std::scoped_lock lock(mutex_);
  for (auto& [device, entry] : entries_) entry.presence = Presence::unknown;
  for (LiveState& state : live_) state.presence = Presence::unknown;
  all_heard_by_ = now + patience;
}

/// Of a device that has not said anything since the start.
Presence PresenceTable::silent(Timestamp now) const {
  return now > all_heard_by_ ? Presence::offline : Presence::unknown;
}

LiveState& PresenceTable::live_of(DeviceId device) {
  if (device.value() >= live_.size()) live_.resize(device.value() + std::size_t{1});
  return live_[device.value()];
}

void PresenceTable::born(DeviceId device, const std::string& session, const std::string& boot,
                         Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  entry.presence = Presence::online;
  entry.since = now;
  entry.session = session;
  live_of(device).presence = Presence::online;
  if (boot.empty() || entry.boot == boot) return;
  if (!std::exchange(entry.boot, boot).empty()) entry.boot_changes.push_back(now);
  if (entry.boot_changes.size() > boot_changes_max + 1) entry.boot_changes.pop_front();
}

void PresenceTable::left(DeviceId device, const std::string& session, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  if (entry.presence == Presence::online && entry.session != session) return;
  entry.presence = Presence::offline;
  entry.since = now;
  live_of(device).presence = Presence::offline;
}

void PresenceTable::reported(DeviceId device, ProgressReport report, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  if (entry.presence == Presence::unknown) {
    entry.presence = Presence::online;
    entry.since = now;
  }
  live_of(device) = {entry.presence, parse_report_status(report.status)};
  entry.progress = std::move(report);
}

Sighting PresenceTable::look(DeviceId device, Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(device);
  if (found == entries_.end())
    return Sighting{.presence = silent(now), .since = {}, .progress = {}};
  const Entry& entry = found->second;
  Sighting sighting{.presence = entry.presence, .since = {}, .progress = entry.progress};
  if (entry.presence == Presence::unknown) {
    sighting.presence = silent(now);
  } else {
    sighting.since = entry.since;
  }
  sighting.cloned = entry.boot_changes.size() > boot_changes_max &&
                    now - entry.boot_changes.front() <= boot_window;
  return sighting;
}

LiveStates PresenceTable::live(Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  LiveStates states{.devices = live_, .others = {.presence = silent(now)}};
  for (LiveState& state : states.devices) {
    if (state.presence == Presence::unknown) state.presence = states.others.presence;
  }
  return states;
}

}  // namespace muster
