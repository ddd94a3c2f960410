#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/domain/ids.h"

namespace muster {

/// Which devices' heads of their queues are to be looked at, and when. Pure bookkeeping, owned by
/// the bridge's thread: no I/O, no clock.
///
/// A device is looked at when its queue changed or it came online, and again after a back-off for
/// as long as it says nothing to what was sent. One step at a time is under way for a device.
class ActionOutbox {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// How long a device may be silent after what was sent for the first time; then twice as long.
  static constexpr std::chrono::seconds back_off_min{10};
  static constexpr std::chrono::seconds back_off_max{300};

  /// A device whose head is to be looked at. Overdue: it said nothing to what was sent last.
  struct Turn {
    DeviceId device;
    bool overdue = false;
  };

  /// The device's queue changed, or the device came online.
  void look_at(DeviceId device);

  /// The device went offline: there is nobody to send to.
  void forget(DeviceId device);

  /// The device answered what was sent: no back-off runs for it.
  void heard(DeviceId device);

  /// The next turn; a step for its device is then under way until `done`.
  [[nodiscard]] std::optional<Turn> next(SteadyTime now);

  /// Something was sent to the device, for the first time or once more: its back-off begins.
  void sent(DeviceId device, bool first, SteadyTime now);

  /// The device's step is over.
  void done(DeviceId device);

  /// The connection is lost: forgets everything.
  void clear();

  /// When `next` has something by itself; nullopt if never.
  [[nodiscard]] std::optional<SteadyTime> next_due() const;

  /// Devices that wait to be looked at now.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }

 private:
  struct Entry {
    bool queued = false;     // It is in queue_.
    bool under_way = false;  // A step is.
    bool again = false;      // It changed during the step.
    bool overdue = false;    // As in Turn.
    std::chrono::seconds back_off{0};
    std::optional<SteadyTime> due;  // As in due_.
  };

  void stop_clock(DeviceId device, Entry& entry);
  void enqueue(DeviceId device, Entry& entry);
  void drop_if_idle(DeviceId device);

  std::unordered_map<DeviceId, Entry> entries_;
  std::deque<DeviceId> queue_;
  std::set<std::pair<SteadyTime, DeviceId>> due_;
};

}  // namespace muster
