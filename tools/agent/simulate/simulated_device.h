#pragma once

#include <deque>
#include <optional>
#include <random>
#include <string>

#include "broker-bridge/channel/topic.h"
#include "tools/agent/device.h"
#include "tools/agent/simulate/simulation.h"
#include "tools/agent/support/timer_queue.h"
#include "tools/mqtt/connection.h"

namespace muster::agent {

/// What a timer of a simulated device is for, and which of its kind.
struct SimulatedDue {
  enum class Kind { machine, reconnect, step_end, ping, disconnect };
  std::size_t device = 0;
  Kind kind = Kind::machine;
  std::uint64_t id = 0;
};

/// What the simulated devices share. Outlives them.
struct SimulationParts {
  const SimulationOptions& options;
  mqtt::Address broker;
  TimerQueue<SimulatedDue> timers;
  std::deque<std::size_t> to_connect;  // Devices that wait for their turn.
  std::size_t connecting = 0;
  SimulationCounts counts;
};

/// One simulated device: a connection of its own and the state machine of the agent.
class SimulatedDevice {
 public:
  SimulatedDevice(std::size_t index, SimulationParts& parts);

  /// Begins to connect: its turn has come.
  void connect();

  /// Its socket has something, or can take something.
  void on_ready();

  void on_due(const SimulatedDue& due);

  /// -1: it has no connection.
  [[nodiscard]] int fd() const noexcept { return connection_ ? connection_->fd() : -1; }
  [[nodiscard]] bool has_unsent() const noexcept { return connection_->has_unsent(); }

  /// Which of its connections, to know one socket from the next.
  [[nodiscard]] std::uint64_t connection_number() const noexcept { return connection_number_; }

 private:
  enum class Stage { away, connecting, connected };

  Result<void> take(const mqtt::Packet& packet);
  Result<void> take_connack(const mqtt::Packet& packet);
  Result<void> take_suback(const mqtt::Packet& packet);
  Result<void> take_publish(const mqtt::Packet& packet);
  Result<void> take_puback(const mqtt::Packet& packet);
  Result<void> ping();
  void settle(const Result<void>& done);
  void drop(const std::string& reason);
  void plan_reconnect();

  Result<void> feed(const DeviceInput& input);
  void perform(const DeviceOutput& output);
  void start_step();
  void end_step();
  void note(const StateReport& report);
  Result<void> flush();
  Result<void> publish(UpKind kind, std::string payload, std::uint16_t id);

  [[nodiscard]] const DeviceCredentials& credentials() const;
  [[nodiscard]] std::optional<Encoding> said_encoding() const;
  [[nodiscard]] Encoding encoding() const { return said_encoding().value_or(Encoding::json); }
  void plan(std::chrono::milliseconds delay, SimulatedDue::Kind kind, std::uint64_t id);
  [[nodiscard]] double draw();  // From 0 to 1.
  std::chrono::milliseconds draw(std::chrono::milliseconds least, std::chrono::milliseconds most);

  std::size_t index_;
  SimulationParts& parts_;
  std::minstd_rand random_;
  std::string boot_;
  Device device_;

  Stage stage_ = Stage::away;
  std::optional<mqtt::Connection> connection_;
  std::uint64_t connection_number_ = 0;
  std::string session_;
  std::chrono::steady_clock::time_point up_since_;
  unsigned attempts_ = 0;
  bool ping_unanswered_ = false;
  bool on_target_ = false;

  // At most one publish of each kind is under way; what comes meanwhile is folded.
  bool birth_wanted_ = false;
  bool birth_in_flight_ = false;
  std::optional<StateReport> state_wanted_;
  bool state_in_flight_ = false;

  std::uint64_t last_step_ = 0;
  bool step_cancelled_ = false;
};

}  // namespace muster::agent
