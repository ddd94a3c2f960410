#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "broker-bridge/actions/action_dispatcher.h"
#include "broker-bridge/devices/device_messages.h"
#include "broker-bridge/mqtt_client.h"
#include "broker-bridge/target_outbox.h"
#include "core/base/uuid.h"
#include "core/domain/event.h"
#include "projections/runner.h"

namespace muster {

/// A change of the log that changes what devices are told.
struct TargetMark {
  std::variant<DeviceId, Audience> whom;
  Sequence sequence;
  bool let_out = false;  // They are let out, and only then their targets are cleared.
};

/// What devices and the broker said since the last look.
struct BridgeMail {
  std::vector<TargetMark> marks;
  std::vector<DeliveryId> delivered;
  std::vector<std::pair<Uuid, FromDevice>> from_devices;  // Who waited longest; not all at once.
  std::optional<std::string> marker;                      // Payload of the retained marker.
  std::optional<std::string> probe;                       // Payload of our own probe.
  std::optional<std::string> lost;                        // The connection is gone, and why.
  std::vector<Uuid> reported;        // The engine answered these devices' reports.
  std::vector<DeviceId> keys;        // Devices whose keys changed.
  std::vector<FleetId> revoked;      // Fleets of which no key is good any more.
  std::vector<std::string> control;  // What the broker's plugin said.
  std::vector<QueueMark> queues;     // Whose queues of actions changed.
  std::vector<SendingDecided> sendings;
  std::size_t ended = 0;  // Actions that are over.
  Sequence folded;        // Marks of all events up to here were given.
};

/// Where the threads of the MQTT library, of the projections and of the engine leave what the
/// bridge's thread has to do. Bounded: marks collapse into one about all devices, devices'
/// messages are kept latest-per-device, and large ones and unknown topics are dropped.
class BridgeMailbox final : public MqttListener, public FoldListener {
 public:
  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;
  void on_folded(std::span<const Recorded> events) override;
  void on_reported(const Uuid& device);
  void on_decided(const SendingDecided& decided);

  /// Ends a wait.
  void wake();

  /// Forgets what came from a connection that is no more, and the marks up to now.
  void start_anew();

  /// Everything that came, of many devices a part; waits for something until `deadline`.
  /// Acknowledgements alone end the wait when there are `delivered_min` of them.
  [[nodiscard]] BridgeMail take(std::chrono::steady_clock::time_point deadline,
                                std::size_t delivered_min = 1);

  /// Messages of devices that were dropped because they fit no topic or there were too many.
  [[nodiscard]] std::uint64_t dropped() const;

 private:
  void add_mark(const TargetMark& mark);
  void add_queue(const QueueMark& mark);
  void add_control(MqttMessage message);

  mutable std::mutex mutex_;
  std::condition_variable filled_;
  BridgeMail mail_;                // Guarded by mutex_; but what devices said is in the next.
  DeviceMessages from_devices_;    // Guarded by mutex_.
  bool awake_ = false;             // Guarded by mutex_.
  std::size_t delivered_min_ = 1;  // Of who waits. Guarded by mutex_.
  std::uint64_t dropped_ = 0;      // Guarded by mutex_.
};

}  // namespace muster
