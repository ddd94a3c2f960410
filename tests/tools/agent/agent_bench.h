#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/mqtt_client.h"
#include "tests/support/broker_support.h"
#include "tests/tools/agent/agent_support.h"
#include "tools/agent/agent.h"

namespace muster::agent {

inline constexpr std::chrono::seconds patience{20};

/// Plays the bridge: hears everything the devices say.
class Ears final : public MqttListener {
 public:
  void on_message(MqttMessage message) override {
    const std::lock_guard lock(mutex_);
    heard_[message.topic].push_back(message.payload);
  }
  void on_delivered(DeliveryId /*id*/) override { ++delivered; }
  void on_lost(std::string /*reason*/) override {}

  /// How many messages on `topic` contain `part`, and `other`.
  [[nodiscard]] long count(const std::string& topic, const std::string& part,
                           const std::string& other = {}) {
    const std::lock_guard lock(mutex_);
    const auto& all = heard_[topic];
    return std::count_if(all.begin(), all.end(), [&](const std::string& payload) {
      return payload.find(part) != std::string::npos && payload.find(other) != std::string::npos;
    });
  }

  std::atomic<int> delivered = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> heard_;  // Guarded by mutex_.
};

/// A real broker, a played bridge, and an agent with some devices.
class AgentBench {
 public:
  explicit AgentBench(std::size_t devices = 1) {
    options.folder = folder.path() / "devices";
    options.mqtt_port = broker->port();
    options.step_time = std::chrono::milliseconds{5};
    options.json = true;
    options.print = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
    for (std::size_t i = 0; i < devices; ++i) {
      const auto uuid = random_uuid();
      const auto token = key.sign({.issuer = log, .subject = uuid, .generation = 1});
      options.devices.push_back({uuid, to_string(uuid), token, to_string(uuid)});
    }
    connect_bridge();
  }
  AgentBench(const AgentBench&) = delete;
  AgentBench& operator=(const AgentBench&) = delete;
  ~AgentBench() { stop(); }

  void connect_bridge() {
    bridge = std::make_unique<MqttClient>(bridge_options(), ears);
    const auto is_connected = [this] {
      return bridge->connect(std::chrono::seconds{5}).has_value();
    };
    REQUIRE(test::comes_true(is_connected, patience));
    const std::vector<std::string> filters = {"muster/v1/d/+/up/#"};
    REQUIRE(bridge->subscribe(filters, std::chrono::seconds{5}));
    publish(std::string(control_topic), test::open_gate_request(), false);
  }

  void start() {
    thread =
        std::jthread([this](const std::stop_token& stop) { result = run_agent(options, stop); });
  }
  void stop() {
    if (!thread.joinable()) return;
    thread.request_stop();
    thread.join();
  }

  void publish(const std::string& topic, const std::string& payload, bool retain = true) {
    const int before = ears.delivered;
    REQUIRE(bridge->publish({topic, payload, retain}, 1));
    REQUIRE(test::comes_true([&] { return ears.delivered > before; }, patience));
  }
  void ask(const test::ActionText& action) { publish(action_topic(uuid()), action.json(), false); }
  void give(const test::TargetText& target, std::size_t device = 0) {
    publish(target_topic(uuid(device)), target.json());
  }

  [[nodiscard]] const Uuid& uuid(std::size_t i = 0) const { return options.devices[i].uuid; }
  [[nodiscard]] std::string presence() const { return up_topic(uuid(), UpKind::presence); }

  bool hears(UpKind kind, const std::string& part, long times = 1, std::size_t device = 0) {
    const auto topic = up_topic(uuid(device), kind);
    return test::comes_true([&] { return ears.count(topic, part) >= times; }, patience);
  }
  bool prints(const std::string& part) {
    return test::comes_true([&] { return printed(part) > 0; }, patience);
  }
  long printed(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

  test::TemporaryFolder folder;
  const SigningKey key = SigningKey::generate();
  const Uuid log = random_uuid();
  std::unique_ptr<EmbeddedBroker> broker =
      EmbeddedBroker::start(test::broker_options(folder.path() / "broker", key, log), [] {
      }).value();
  AgentOptions options;
  Ears ears;
  std::unique_ptr<MqttClient> bridge;
  Result<void> result;
  std::jthread thread;

 private:
  [[nodiscard]] MqttOptions bridge_options() const {
    MqttOptions mqtt;
    mqtt.host = "127.0.0.1";
    mqtt.port = broker->port();
    mqtt.client_id = "bridge";
    mqtt.username = broker->login().username;
    mqtt.password = broker->login().password;
    return mqtt;
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;  // Guarded by mutex_.
};

}  // namespace muster::agent
