#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "broker-bridge/bridge.h"
#include "broker-bridge/bridge_mailbox.h"
#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/devices/device_inbox.h"
#include "broker-bridge/gate/gate_keeper.h"
#include "broker-bridge/reconcile/reconciler.h"
#include "broker-bridge/target_messages.h"
#include "broker-bridge/target_outbox.h"
#include "projections/reader.h"

namespace muster {

/// The bridge's thread: connects, and while it is connected, empties the outbox and the mailbox.
class Bridge::Loop {
 public:
  Loop(BridgeOptions options, Parts parts);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  void start();
  [[nodiscard]] Result<void> await_connection(std::chrono::milliseconds timeout) const;
  [[nodiscard]] BridgeHealth health() const;
  void reconcile(ReconcileDone done) { reconciler_.request(std::move(done)); }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  // Delivery ids: a target's is its device's id; what is about the whole system stands above.
  static constexpr DeliveryId system_delivery = 1ULL << 32U;
  static constexpr DeliveryId marker_delivery = system_delivery + 1;
  static constexpr DeliveryId clear_delivery = system_delivery + 2;
  static constexpr DeliveryId action_delivery = system_delivery << 1U;  // And the device's id.

  // Paho is fastest between 20 and 200; a single target waits behind a window of a wave's.
  static constexpr std::size_t window = 60;

  void run(const std::stop_token& stop);

  // A connection's life. Errors end it; the next one begins from the marker.
  [[nodiscard]] Result<void> connect();
  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> greet_plugin();
  [[nodiscard]] Result<void> open_gate();
  [[nodiscard]] Result<void> say(const BridgeStatus& status);
  [[nodiscard]] Result<std::optional<Marker>> read_marker();
  [[nodiscard]] Sequence known_at_broker(const std::optional<Marker>& marker);
  [[nodiscard]] Result<void> serve(const std::stop_token& stop);
  void disconnect();
  void pause(const std::stop_token& stop, std::chrono::milliseconds length);

  // What came in.
  [[nodiscard]] Result<void> handle(const BridgeMail& mail);
  [[nodiscard]] Result<void> take_in(const BridgeMail& mail);
  void handle_delivered(DeliveryId id);
  void acknowledged(DeviceId device);

  // What goes out.
  [[nodiscard]] Result<void> tell_plugin();
  [[nodiscard]] Result<void> repair();
  [[nodiscard]] Result<void> clear(const Reader& reader, const std::string& topic);
  [[nodiscard]] Result<void> publish_actions();
  [[nodiscard]] Result<bool> publish_targets();
  [[nodiscard]] Result<void> publish_batch(std::span<const DeviceId> devices);
  [[nodiscard]] std::optional<MqttMessage> target_message(
      DeviceId id, const std::optional<TargetedDevice>& targeted);
  [[nodiscard]] bool is_to_be_cleared(const TargetedDevice& targeted) const;
  void tell_outbox(const TargetMark& mark);
  void clear_those_let_out();
  [[nodiscard]] Sequence delivered_up_to() const;
  [[nodiscard]] Result<void> publish_marker();
  [[nodiscard]] std::size_t in_flight();
  [[nodiscard]] Result<void> check_silence();
  [[nodiscard]] BridgeMail wait(bool more, bool busy);
  [[nodiscard]] SteadyTime wake_at(bool busy) const;
  void publish_health(bool connected);
  void note_problem(const std::string& problem);

  const BridgeOptions options_;
  const Parts parts_;  // But for the runner: it may be gone before this is.
  // Shared with answers that the engine may give after this is gone.
  const std::shared_ptr<BridgeMailbox> mailbox_ = std::make_shared<BridgeMailbox>();

  // Owned by the thread.
  std::unique_ptr<MqttClient> client_;
  TargetMessages messages_;
  TargetOutbox outbox_;
  ActionDispatcher dispatcher_;
  GateKeeper keeper_;
  DeviceInbox inbox_;
  Reconciler reconciler_;
  Sequence at_broker_;               // On connecting, the broker had every change up to here.
  Sequence told_;                    // The outbox knows of every change up to here.
  Sequence marked_;                  // What the last marker said.
  Sequence clear_after_;             // Targets that ended up to here are not at the broker.
  std::vector<TargetMark> let_out_;  // Cleared once the plugin has let them out.
  bool marker_in_flight_ = false;
  bool said_alive_ = false;
  SteadyTime next_marker_;
  SteadyTime last_delivery_;
  bool alarmed_ = false;  // The broker knows more than the log: publish nothing.
  std::uint64_t published_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable connected_;
  BridgeHealth health_;  // Guarded by mutex_.

  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
