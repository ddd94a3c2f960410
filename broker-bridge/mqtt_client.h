#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "broker-bridge/tls/tls_files.h"
#include "core/base/error.h"

namespace muster {

struct MqttMessage {
  std::string topic;
  std::string payload;
  bool retain = false;
  // What MQTT 5 adds; empty: not said.
  // NOLINTBEGIN(readability-redundant-member-init): so that it may be left out.
  std::string content_type = {};
  std::string correlation = {};
  std::optional<std::chrono::seconds> expires_in = {};  // Not delivered later than that.
  // NOLINTEND(readability-redundant-member-init)
};

/// How sure a subscriber wants to be of a message.
enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1 };

/// Names one publish of its caller; comes back in on_delivered.
using DeliveryId = std::uint64_t;

struct MqttOptions {
  std::string host;
  std::uint16_t port = 0;
  std::string client_id;
  std::string username;  // Empty: none is sent.
  std::string password;
  std::optional<MqttMessage> will;  // Sent at QoS 1.
  // With TLS, and only with it: the broker proves that it is `host`, a name or an IPv4 address.
  // NOLINTNEXTLINE(readability-redundant-member-init): so that it may be left out.
  std::optional<TlsFiles> tls = {};
  std::chrono::seconds keep_alive{30};
  std::uint16_t in_flight_max = 100;
};

/// What a client tells its owner. Called on a thread of the MQTT library, one call at a time:
/// an implementation may only hand over to its own thread, and must not call the client.
class MqttListener {
 public:
  MqttListener() = default;
  MqttListener(const MqttListener&) = delete;
  MqttListener& operator=(const MqttListener&) = delete;
  virtual ~MqttListener() = default;

  virtual void on_message(MqttMessage message) = 0;

  /// The broker has the message (PUBACK). Says nothing about any device.
  virtual void on_delivered(DeliveryId id) = 0;

  /// The connection is gone; nothing in flight will complete. Called at most once.
  virtual void on_lost(std::string reason) = 0;
};

/// One connection to an MQTT 5 broker: clean start, no persistence, no reconnect, no
/// buffering. When it is lost, destroy it and make a new one. Publishes at QoS 1.
///
/// The methods may be called from one thread at a time; none of them from the listener.
class MqttClient {
 public:
  /// `listener` must outlive the client.
  MqttClient(MqttOptions options, MqttListener& listener);
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  /// Closes the connection without a DISCONNECT if it is still open (the will is sent).
  ~MqttClient();

  /// Connects; waits for the broker's answer until `timeout`. Some seconds more to find out why
  /// TLS fails.
  /// Errors: unavailable (nobody answers; TLS, and why), invalid_input (the broker refuses these
  /// credentials; a file of TLS cannot be used).
  [[nodiscard]] Result<void> connect(std::chrono::milliseconds timeout);

  /// Subscribes to `filters` and waits for the broker's answer. At QoS 1 a broker keeps back only
  /// so many messages for one client and drops the rest, in silence: many at once come at QoS 0.
  /// Errors: unavailable; invalid_input if the broker refuses one of them, which it names.
  [[nodiscard]] Result<void> subscribe(std::span<const std::string> filters,
                                       std::chrono::milliseconds timeout,
                                       Qos qos = Qos::at_least_once);

  /// Hands `message` to the library and returns; `on_delivered(id)` follows unless the
  /// connection is lost first. The caller keeps at most `in_flight_max` of them open.
  /// Errors: unavailable (not connected).
  [[nodiscard]] Result<void> publish(MqttMessage message, DeliveryId id);

  /// Says goodbye (the will is not sent) and closes. Harmless when not connected.
  void disconnect(std::chrono::milliseconds timeout);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace muster
