#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker-bridge/mqtt_client.h"
#include "core/base/error.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/vocabulary.h"

namespace muster::agent {

/// A target that a check sends. Each member has what most checks want.
struct CheckTarget {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;
  std::string commit;  // Empty: no release.
  std::optional<std::uint64_t> after_action;
  bool local_mode = false;
  bool unknown_members = false;  // Only JSON has them.
};

/// A request to blink, or of a kind that nobody knows.
struct CheckAction {
  std::uint64_t epoch = 0;
  std::uint64_t n = 0;
  Ulid id;
  bool is_known = true;
};

/// Plays the server's side of the device channel towards one device.
class ServerSide final : MqttListener {
 public:
  /// Connects. Errors: those of MqttClient.
  [[nodiscard]] static Result<std::unique_ptr<ServerSide>> connect(const std::string& host,
                                                                   std::uint16_t port,
                                                                   const Uuid& device);

  /// From now on targets and actions go out in this form.
  void use(Encoding encoding) noexcept { encoding_ = encoding; }

  // Errors: unavailable.
  [[nodiscard]] Result<void> send(const CheckTarget& target, bool retain = true);
  [[nodiscard]] Result<void> send_raw_target(const std::string& payload, bool retain);
  [[nodiscard]] Result<void> send(const CheckAction& action);
  [[nodiscard]] Result<void> send_cancel(const CheckAction& action);
  [[nodiscard]] Result<void> send_raw_bridge(const std::string& payload);

  /// To be taken for an action, and for a cancel.
  [[nodiscard]] Result<void> send_raw_action(const std::string& payload);

  /// The retained `sys/bridge` with an instance of this name.
  [[nodiscard]] Result<void> say_alive(const std::string& instance, unsigned spread_s);

  /// Clears what it has retained. Harmless if the broker is gone.
  void clear();

 private:
  explicit ServerSide(const std::string& host, std::uint16_t port, const Uuid& device);

  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;
  [[nodiscard]] Result<void> publish(const std::string& topic, std::string payload, bool retain);

  Uuid device_;
  Encoding encoding_ = Encoding::json;
  MqttClient client_;
};

}  // namespace muster::agent
