#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker-bridge/actions/action_outbox.h"
#include "broker-bridge/actions/fleet_sweeps.h"
#include "broker-bridge/audience.h"
#include "broker-bridge/bridge.h"
#include "broker-bridge/channel/action_payload.h"
#include "broker-bridge/support/pace.h"
#include "core/domain/actions/queue.h"

namespace muster {

/// Whose queues an event changes.
using QueueMark = std::variant<DeviceId, FleetId, AllDevices>;

/// The engine's answer to the question whether a device's head may be sent.
struct SendingDecided {
  DeviceId device;
  std::uint64_t question = 0;
  std::optional<std::uint32_t> attempt;  // None: it may not.
};

/// Brings the head of each online device's queue to the device. Each sending is decided by the
/// engine and in the log before the broker gets it. Owned by the bridge's thread.
class ActionDispatcher {
 public:
  /// `decided` is called on the engine's thread, and must lead to a call of `take` on the owner's.
  ActionDispatcher(const Bridge::Parts& parts, LogIdentity identity,
                   std::function<void(SendingDecided)> decided);

  /// A new connection: nothing is under way, and nobody is known to be online.
  void start_anew();

  void came(DeviceId device);
  void left(DeviceId device);

  /// The device answered what it was sent of action `n`.
  void heard(DeviceId device, Sequence n);

  /// An event changed queues.
  void changed(const QueueMark& mark);

  /// Some actions ended: careful ones may have room for more devices.
  void ended(std::size_t count) { rooms_ += count; }

  void take(const SendingDecided& decided);

  /// Looks at what waits and asks the engine. True if some waits because the engine is busy.
  [[nodiscard]] bool submit();

  /// Sends what may be sent, through `send`, up to its window.
  using Send = std::function<Result<void>(const MqttMessage& message, DeviceId device)>;
  [[nodiscard]] Result<void> publish(const Send& send);

  /// The broker has what was sent to the device.
  void delivered(DeviceId device);

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  /// When it has something to do by itself.
  [[nodiscard]] std::optional<ActionOutbox::SteadyTime> next_due() const;

  /// Most messages in flight.
  static constexpr std::uint16_t window = 100;

 private:
  /// What a device was told in its present session.
  struct Told {
    Sequence n;
    bool cancel = false;

    friend bool operator==(const Told&, const Told&) = default;
  };
  struct Question {
    std::uint64_t number = 0;
    Uuid device;
    Encoding encoding = Encoding::json;
    ActionMessage action;
    std::optional<Timestamp> expires;  // Until it is delivered.
    bool first = true;                 // In the present session.
    bool limited = false;              // Others may have to end before.
  };
  struct Outgoing {
    DeviceId device;
    MqttMessage message;
  };

  [[nodiscard]] bool look(const Reader& reader, const ActionOutbox::Turn& turn);
  [[nodiscard]] bool ask(const Device& device, const OpenAction& action, bool first);
  void send_cancel(const Device& device, const OpenAction& action, bool first);
  void send(DeviceId device, const Told& told, bool first, MqttMessage message);
  const FleetActions* actions_of(const Reader& reader, FleetId fleet);
  void let_held_try();
  [[nodiscard]] bool can_ask(ActionOutbox::SteadyTime now) const;
  [[nodiscard]] bool is_online(DeviceId device) const;

  const Bridge::Parts parts_;
  const LogIdentity identity_;
  const std::function<void(SendingDecided)> decided_;
  ActionOutbox outbox_;
  FleetSweeps sweeps_;
  std::unordered_map<DeviceId, Told> told_;
  std::unordered_map<DeviceId, Question> asked_;
  std::deque<Outgoing> outgoing_;
  std::deque<DeviceId> held_;          // Wait for the room of a careful action.
  std::size_t rooms_ = 0;              // Actions that ended: so many of the held ones may try.
  ActionOutbox::SteadyTime held_try_;  // When the held ones try without that.
  std::unordered_map<FleetId, std::optional<FleetActions>> fleets_;  // Of one round.
  Pace pace_;
  std::uint64_t questions_ = 0;
  std::size_t in_flight_ = 0;
};

}  // namespace muster
