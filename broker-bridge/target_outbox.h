#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "broker-bridge/audience.h"
#include "core/domain/ids.h"

namespace muster {

/// Which devices' targets must go to the broker, and in which order. Pure bookkeeping, owned by
/// the bridge's thread: no I/O, no clock.
///
/// Keeps the rules of the channel: at most one publish in flight per device; changes that come
/// faster than they can be sent are folded, because what is sent is read when it is sent; single
/// targets go before fleet-wide waves, and the target of a device that just came online goes
/// first. There is no queue of messages: a wave is a cursor over an audience.
class TargetOutbox {
 public:
  /// Up to `limit` devices of `audience` after `after`, in the order of their ids.
  using Members = std::function<std::vector<DeviceId>(const Audience& audience, DeviceId after,
                                                      std::size_t limit)>;
  explicit TargetOutbox(Members members) : members_(std::move(members)) {}

  /// The device's target changed at `sequence`.
  void device_changed(DeviceId device, Sequence sequence);

  /// The targets of a whole audience changed at `sequence`.
  void audience_changed(const Audience& audience, Sequence sequence);

  /// The device came online: if its target may not be at the broker yet, it goes first.
  void device_came(DeviceId device);

  /// The next device to publish to; nothing if all is sent or waits for an acknowledgement.
  /// The caller publishes it and calls `acknowledged` later, or at once if there was nothing to
  /// publish.
  [[nodiscard]] std::optional<DeviceId> next();

  /// The broker has what was published to `device`.
  void acknowledged(DeviceId device);

  /// The connection is lost: forgets everything. The marker at the broker says what it has.
  void clear();

  /// The highest sequence so that every device whose target last changed up to there has it at
  /// the broker, if all changes up to `folded` have been told to this outbox.
  [[nodiscard]] Sequence low_water(Sequence folded) const;

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.size(); }
  [[nodiscard]] bool idle() const noexcept;

 private:
  /// A pass over an audience. A change in the middle of it makes it go once around from where it
  /// stands: who comes later gets the newest anyway.
  struct Wave {
    Audience audience;
    Sequence since;                 // Oldest change it carries.
    std::optional<Sequence> again;  // Oldest change in the middle of it.
    DeviceId cursor;                // Last device it handed out.
    DeviceId stop;                  // Where it ends, once it has turned around.
    bool turned = false;
    std::deque<DeviceId> ahead;  // Read and not handed out yet.
  };

  struct Sent {
    Sequence since;                 // Oldest change that the publish in flight carries.
    std::optional<Sequence> again;  // Changed since: oldest change it does not carry.
  };

  void wait_for(DeviceId device, Sequence since, bool first);
  [[nodiscard]] std::optional<DeviceId> next_single();
  [[nodiscard]] std::optional<DeviceId> next_of_waves();
  [[nodiscard]] std::optional<DeviceId> advance(Wave& wave);
  void send(DeviceId device, Sequence since);

  Members members_;
  unsigned singles_in_row_ = 0;
  std::deque<DeviceId> queue_;  // Of waiting_; may name devices that are sent meanwhile.
  std::unordered_map<DeviceId, Sequence> waiting_;
  std::unordered_map<DeviceId, Sent> in_flight_;
  std::deque<Wave> waves_;
  std::multiset<Sequence> outstanding_;  // Of waiting_ and in_flight_.
};

}  // namespace muster
