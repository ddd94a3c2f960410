#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/ids.h"
#include "projections/inventory/live_state.h"

namespace muster {

/// The last `up/state` of a device: how far it is with its target.
struct ProgressReport {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  std::optional<std::string> running;  // Commit; none: it runs no release.
  std::string status;
  unsigned percent = 0;
  int code = 0;
  std::string message;
  std::vector<std::string> locks;
  std::string boot;
};

/// What is known of a device right now. Not stored: a new start begins with nothing.
struct Sighting {
  Presence presence = Presence::unknown;
  std::optional<Timestamp> since;  // Of its last birth or will.
  std::optional<ProgressReport> progress;
  bool cloned = false;  // Two boot ids take turns: two devices have the same credentials.
};

/// The devices' presence and progress, as they said it themselves. Safe to use from any thread.
class PresenceTable {
 public:
  /// The server side starts anew: all is unknown, and who has not said anything within `patience`
  /// from `now` is offline.
  void restart(Timestamp now, std::chrono::seconds patience);

  void born(DeviceId device, const std::string& session, const std::string& boot, Timestamp now);

  /// A will or a goodbye. One of an earlier session than the last birth's changes nothing.
  void left(DeviceId device, const std::string& session, Timestamp now);

  void reported(DeviceId device, ProgressReport report, Timestamp now);

  [[nodiscard]] Sighting look(DeviceId device, Timestamp now) const;

  /// Of all devices at once, for filters.
  [[nodiscard]] LiveStates live(Timestamp now) const;

 private:
  struct Entry {
    Presence presence = Presence::unknown;
    Timestamp since;
    std::string session;
    std::optional<ProgressReport> progress;
    std::string boot;
    std::deque<Timestamp> boot_changes;  // The last few.
  };

  [[nodiscard]] Presence silent(Timestamp now) const;
  LiveState& live_of(DeviceId device);

  mutable std::mutex mutex_;
  std::unordered_map<DeviceId, Entry> entries_;  // Guarded by mutex_.
  std::vector<LiveState> live_;                  // By id, as entries_. Guarded by mutex_.
  Timestamp all_heard_by_;                       // Guarded by mutex_.
};

}  // namespace muster
