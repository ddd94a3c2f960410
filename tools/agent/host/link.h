#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "broker-bridge/mqtt_client.h"
#include "tools/agent/host/event_queue.h"

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

/// Opens and closes links on threads of its own, so that a broker that does not answer holds up
/// no device's steps. Several at once: the MQTT library takes up to two seconds for each when
/// they come one by one. At most one plan per device waits. Tells LinkUp or LinkFailed.
class Connector {
 public:
  static constexpr std::size_t threads_max = 32;

  /// `queue` must outlive the connector.
  Connector(EventQueue& queue, std::size_t devices);
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// Stops after the attempts under way, which take ten seconds at most.
  ~Connector();

  void open(LinkPlan plan);
  void close(std::unique_ptr<Link> link);

 private:
  using Job = std::variant<LinkPlan, std::unique_ptr<Link>>;

  void add(Job job);
  void run(const std::stop_token& stop);
  void open_now(LinkPlan plan);

  EventQueue& queue_;
  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<Job> jobs_;  // Guarded by mutex_.
  std::vector<std::jthread> threads_;
};

}  // namespace muster::agent
