#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "broker-bridge/mqtt_client.h"
#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster::bench {

/// A Paho client that only publishes, as fast as it can: one thread hands over retained messages
/// at QoS 1 and keeps so many of them in flight.
class PlainPublisher final : MqttListener {
 public:
  /// Errors: unavailable.
  [[nodiscard]] static Result<std::unique_ptr<PlainPublisher>> connect(const HostPort& broker,
                                                                       std::uint16_t window);

  /// Publishes `payload` to all `topics`; returns when the broker has acknowledged them all.
  /// Errors: unavailable, also if the broker acknowledges nothing for 10 s.
  [[nodiscard]] Result<void> publish(std::span<const std::string> topics,
                                     const std::string& payload);

 private:
  PlainPublisher(const HostPort& broker, std::uint16_t window);

  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;

  /// Waits until at most `left` are in flight.
  [[nodiscard]] Result<void> await(std::size_t left);

  const std::size_t window_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t in_flight_ = 0;        // Guarded by mutex_.
  std::size_t awaited_ = 0;          // Whoever waits, does for so few. Guarded by mutex_.
  std::optional<std::string> lost_;  // Guarded by mutex_.
  MqttClient client_;                // Last: it calls the above until it is gone.
};

}  // namespace muster::bench
