#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/mqtt_client.h"

namespace muster::test {

/// Another client of the broker: keeps every target, marker and word of the bridge that it hears,
/// and speaks for devices.
class Watcher final : public MqttListener {
 public:
  /// Of the bridge's rights: only it may listen to others.
  Watcher(std::uint16_t port, const BrokerLogin& login);

  void on_message(MqttMessage message) override;
  void on_delivered(DeliveryId id) override;
  void on_lost(std::string reason) override;

  /// Publishes; returns when the broker has it.
  void say(const std::string& topic, const std::string& payload, bool retain = false);

  /// What came on `topic`, oldest first.
  [[nodiscard]] std::vector<std::string> all(std::string_view topic) const;
  [[nodiscard]] std::size_t count(std::string_view topic) const { return all(topic).size(); }

  /// Empty: nothing came.
  [[nodiscard]] std::string last(std::string_view topic) const;

  /// Topics on which a target with a lower `seq` came after one with a higher.
  [[nodiscard]] std::vector<std::string> went_back() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<std::string>, std::less<>> heard_;  // Guarded by mutex_.
  DeliveryId delivered_ = 0;                                            // Guarded by mutex_.
  DeliveryId said_ = 0;
  std::unique_ptr<MqttClient> client_;  // Last: it calls this.
};

}  // namespace muster::test
