#pragma once

#include <deque>
#include <optional>
#include <random>
#include <string>

#include "broker-bridge/channel/topic.h"
#include "tools/agent/device.h"
#include "tools/agent/host/uplink.h"
#include "tools/agent/simulate/ledger.h"
#include "tools/agent/simulate/simulation.h"
#include "tools/agent/support/timer_queue.h"
#include "tools/mqtt/connection.h"

namespace muster::agent {

/// What a timer of a simulated device is for, and which of its kind.
struct SimulatedDue {
  enum class Kind { machine, reconnect, step_end, deed_end, ping, disconnect, crash, power_on };
  std::size_t device = 0;
  Kind kind = Kind::machine;
  std::uint64_t id = 0;
  std::uint64_t life = 0;  // Since which start of the device.
};

/// What the simulated devices share. Outlives them.
struct SimulationParts {
  const SimulationOptions& options;
  mqtt::Address broker;
  TimerQueue<SimulatedDue> timers;
  std::deque<std::size_t> to_connect;  // Devices that wait for their turn.
  std::size_t connecting = 0;
  SimulationCounts counts;
  Ledger ledger;
};

/// One simulated device: a connection of its own and the state machine of the agent. What it has
/// written down is in memory, and outlives its own crashes, not the process.
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
  void leave();
  void plan_reconnect();

  Result<void> feed(const DeviceInput& input);
  void perform(const DeviceOutput& output);
  void say_birth();
  void start_step();
  void end_step();
  void start_deed(const StartDeed& start);
  void end_deed();
  void take_effect(const Action& action);
  void crash();
  void begin_life();
  void note(const StateReport& report);
  Result<void> flush();

  [[nodiscard]] const DeviceCredentials& credentials() const;
  [[nodiscard]] std::optional<Encoding> said_encoding() const;
  [[nodiscard]] Encoding encoding() const { return said_encoding().value_or(Encoding::json); }
  void plan(std::chrono::milliseconds delay, SimulatedDue::Kind kind, std::uint64_t id);
  void plan_by_chance(double rate_an_hour, SimulatedDue::Kind kind, std::uint64_t id);
  [[nodiscard]] double draw();  // From 0 to 1.
  std::chrono::milliseconds draw(std::chrono::milliseconds least, std::chrono::milliseconds most);

  std::size_t index_;
  SimulationParts& parts_;
  std::minstd_rand random_;
  std::string boot_;
  std::string os_version_;
  DeviceState saved_;             // What is on its disk.
  std::optional<Device> device_;  // Of this life.
  std::uint64_t life_ = 0;
  bool is_off_ = false;

  Stage stage_ = Stage::away;
  std::optional<mqtt::Connection> connection_;
  std::uint64_t connection_number_ = 0;
  std::string session_;
  std::chrono::steady_clock::time_point up_since_;
  unsigned attempts_ = 0;
  bool ping_unanswered_ = false;
  bool on_target_ = false;

  Uplink uplink_;
  bool services_asked_ = false;

  std::uint64_t last_step_ = 0;
  bool step_cancelled_ = false;
  std::uint64_t last_deed_ = 0;
  std::optional<Action> deed_;  // Under way.
};

}  // namespace muster::agent
