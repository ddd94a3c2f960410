#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker-bridge/mqtt_client.h"
#include "tools/agent/event_queue.h"

namespace muster::agent {

/// What one connection of one device needs.
struct LinkPlan {
  std::size_t device = 0;
  std::uint64_t number = 0;
  std::string session;
  MqttOptions mqtt;
  std::vector<std::string> filters;
};

/// One connection of one device; what it hears goes to the queue. Gone without a goodbye when
/// destroyed, so that the broker sends the will.
class Link final : public MqttListener {
 public:
  /// `queue` must outlive the link.
  Link(LinkPlan plan, EventQueue& queue);

  /// Connects and subscribes. Errors: those of MqttClient.
  [[nodiscard]] Result<void> open();

  [[nodiscard]] Result<void> publish(const MqttMessage& message, DeliveryId id);

  [[nodiscard]] const std::string& session() const noexcept { return plan_.session; }

  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;

 private:
  template <typename What>
  void tell(What what);

  LinkPlan plan_;
  EventQueue& queue_;
  MqttClient client_;  // Last: it calls the members above until it is gone.
};

/// Opens links one after the other on a thread of its own, so that a broker that does not answer
/// holds up no device's steps. At most one plan per device waits. Tells LinkUp or LinkFailed.
class Connector {
 public:
  /// `queue` must outlive the connector.
  explicit Connector(EventQueue& queue);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Stops after the attempt under way, which takes ten seconds at most.
  ~Connector() = default;

  void open(LinkPlan plan);

 private:
  void run(const std::stop_token& stop);
  void open_now(LinkPlan plan);

  EventQueue& queue_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<LinkPlan> plans_;  // Guarded by mutex_.
  std::jthread thread_;
};

}  // namespace muster::agent
