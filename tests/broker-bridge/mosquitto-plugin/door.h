#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/credentials/signing_key.h"
#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/mqtt_client.h"
#include "tests/support/broker_support.h"

namespace muster::test {

/// Notes what a client hears, and whether it was put out.
class Ears final : public MqttListener {
 public:
  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;

  [[nodiscard]] std::vector<MqttMessage> messages() const;
  [[nodiscard]] bool heard(const std::string& topic, const std::string& payload) const;
  [[nodiscard]] std::size_t delivered() const;
  [[nodiscard]] bool is_lost() const;

 private:
  mutable std::mutex mutex_;
  std::vector<MqttMessage> messages_;  // Guarded by mutex_.
  std::size_t delivered_ = 0;          // Guarded by mutex_.
  bool lost_ = false;                  // Guarded by mutex_.
};

/// A client with what it hears.
struct Visitor {
  Ears ears;
  std::unique_ptr<MqttClient> client;

  /// Publishes and waits for the broker's word that it has it, which it also says of what it
  /// throws away.
  /// False if the broker refuses the message, which ends the connection.
  [[nodiscard]] bool may_say(const std::string& topic, const std::string& payload,
                             bool retain = false);
  void say(const std::string& topic, const std::string& payload, bool retain = false);
  [[nodiscard]] bool may_subscribe(const std::string& filter);
};

/// A real mosquitto with the real plugin, and a bridge's connection to it that hears all.
class Door {
 public:
  Door();

  /// The bridge comes in (again): after a restart of the broker.
  void connect_bridge();

  /// Asks the plugin, and waits for its answer.
  void ask(std::vector<ControlStep> steps);
  void open() { ask({BeginTable{}, OpenGate{}}); }

  /// Ends as if by a power cut, and returns when it is back.
  void kill();

  [[nodiscard]] std::string token(const Uuid& device, std::uint64_t generation = 1) const;

  /// How a device connects that keeps to the contract.
  [[nodiscard]] MqttOptions as(const Uuid& device, const std::string& password) const;
  [[nodiscard]] MqttOptions as(const Uuid& device) const { return as(device, token(device)); }

  /// Null if it is refused.
  [[nodiscard]] static std::unique_ptr<Visitor> come(const MqttOptions& options);

  /// What the plugin said by itself or in answer, with that word in it.
  [[nodiscard]] bool says(const std::string& words) const;

  const Uuid log = random_uuid();
  const SigningKey key = SigningKey::generate();
  TemporaryFolder folder;
  std::unique_ptr<EmbeddedBroker> broker;
  std::unique_ptr<Visitor> bridge;

 private:
  std::uint64_t asked_ = 0;
};

}  // namespace muster::test
