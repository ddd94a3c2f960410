#include "broker-bridge/presence.h"

#include <utility>

namespace muster {
namespace {

// More changes of the boot id within the window than a device can make by itself.
constexpr std::size_t boot_changes_max = 5;
constexpr std::chrono::minutes boot_window{1};

}  // namespace

std::string_view to_string(Presence presence) noexcept {
  switch (presence) {
    case Presence::unknown:
      return "unknown";
    case Presence::online:
      return "online";
    case Presence::offline:
      return "offline";
  }
  return "unknown";
}

void PresenceTable::restart(Timestamp now, std::chrono::seconds patience) {
  const std::scoped_lock lock(mutex_);
  for (auto& [device, entry] : entries_) entry.presence = Presence::unknown;
  all_heard_by_ = now + patience;
}

void PresenceTable::born(const Uuid& device, const std::string& session, const std::string& boot,
                         Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  entry.presence = Presence::online;
  entry.since = now;
  entry.session = session;
  if (boot.empty() || entry.boot == boot) return;
  if (!std::exchange(entry.boot, boot).empty()) entry.boot_changes.push_back(now);
  if (entry.boot_changes.size() > boot_changes_max + 1) entry.boot_changes.pop_front();
}

void PresenceTable::left(const Uuid& device, const std::string& session, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  if (entry.presence == Presence::online && entry.session != session) return;
  entry.presence = Presence::offline;
  entry.since = now;
}

void PresenceTable::reported(const Uuid& device, ProgressReport report, Timestamp now) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[device];
  if (entry.presence == Presence::unknown) {
    entry.presence = Presence::online;
    entry.since = now;
  }
  entry.progress = std::move(report);
}

Sighting PresenceTable::look(const Uuid& device, Timestamp now) const {
  const std::scoped_lock lock(mutex_);
  const Presence silent = now > all_heard_by_ ? Presence::offline : Presence::unknown;
  const auto found = entries_.find(device);
  if (found == entries_.end()) return Sighting{.presence = silent, .since = {}, .progress = {}};
  const Entry& entry = found->second;
  Sighting sighting{.presence = entry.presence, .since = {}, .progress = entry.progress};
  if (entry.presence == Presence::unknown) {
    sighting.presence = silent;
  } else {
    sighting.since = entry.since;
  }
  sighting.cloned = entry.boot_changes.size() > boot_changes_max &&
                    now - entry.boot_changes.front() <= boot_window;
  return sighting;
}

}  // namespace muster
