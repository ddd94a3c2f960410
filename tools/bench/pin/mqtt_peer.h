#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"
#include "tools/http/host_port.h"
#include "tools/mqtt/wire.h"

namespace muster::bench {

/// A bare MQTT 3.1.1 client on a socket of its own, so that what is measured is the server and
/// the broker, not a client library's threads. Clean session, QoS 1. One thread at a time.
class MqttPeer {
 public:
  using SteadyTime = std::chrono::steady_clock::time_point;

  /// `broker.host` is an IPv4 address. Errors: unavailable, with the broker's refusal.
  [[nodiscard]] static Result<MqttPeer> connect(const HostPort& broker, const mqtt::Login& login);

  /// Returns when the broker has taken it. Messages that come meanwhile wait for `receive`.
  /// Errors: unavailable.
  [[nodiscard]] Result<void> subscribe(std::string_view topic);

  // Send a message at QoS 1, and do not wait for the broker. Errors: unavailable.
  [[nodiscard]] Result<void> publish(std::string_view topic, std::string_view payload);
  [[nodiscard]] Result<void> publish_retained(std::string_view topic, std::string_view payload);

  /// Takes what has come by now, without waiting; hands over and acknowledges each message.
  /// Errors: unavailable if the connection is gone.
  using Sink = std::function<void(const mqtt::Publish& message, SteadyTime at)>;
  [[nodiscard]] Result<void> receive(const Sink& sink);

  /// To wait on.
  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

 private:
  explicit MqttPeer(UniqueFd socket) : socket_(std::move(socket)) {}

  [[nodiscard]] Result<void> publish(std::string_view topic, std::string_view payload, bool retain);
  [[nodiscard]] Result<void> send(std::string_view bytes);
  [[nodiscard]] Result<bool> read_some();
  [[nodiscard]] Result<mqtt::Packet> await(mqtt::PacketType type);
  [[nodiscard]] Result<void> hand_over(const mqtt::Packet& packet, SteadyTime at, const Sink& sink);

  UniqueFd socket_;
  mqtt::PacketStream incoming_;
  std::vector<mqtt::Packet> early_;
  std::uint16_t last_id_ = 0;
};

}  // namespace muster::bench
