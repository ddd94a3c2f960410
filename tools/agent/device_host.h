#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "broker-bridge/channel/topic.h"
#include "tools/agent/agent.h"
#include "tools/agent/device.h"
#include "tools/agent/device_state.h"
#include "tools/agent/event_queue.h"
#include "tools/agent/link.h"
#include "tools/agent/support/timer_queue.h"

namespace muster::agent {

enum class DueKind { machine, reconnect, step_end, look };

/// What a timer is for.
struct Due {
  std::size_t device = 0;
  DueKind kind = DueKind::look;
  std::uint64_t id = 0;
};

/// What the devices of one agent share. Outlives them.
struct Surroundings {
  const AgentOptions& options;
  EventQueue& events;
  TimerQueue<Due>& timers;
  Connector& connector;
  std::mt19937_64& random;
};

/// Does what the state machine of one device asks for, and tells it what happens. Lives on the
/// agent's thread.
class DeviceHost {
 public:
  /// `folder` is the device's own and exists.
  DeviceHost(std::size_t index, Surroundings& around, std::filesystem::path folder);
  DeviceHost(const DeviceHost&) = delete;
  DeviceHost& operator=(const DeviceHost&) = delete;
  ~DeviceHost() = default;

  /// Reads the stored state, goes on where it was and connects. Errors: those of StateFile::load.
  [[nodiscard]] Result<void> start();

  void on_event(Event event);
  void on_due(const Due& due);

  /// Asks a running hook to end; the destructor waits for it.
  void request_stop() { worker_.request_stop(); }

 private:
  static constexpr DeliveryId birth_id = 1;
  static constexpr DeliveryId state_id = 2;

  void on(LinkUp up);
  void on(const LinkFailed& failure);
  void on(const LinkLost& loss);
  void on(MqttMessage message);
  void on(const Delivered& delivered);
  void on(const StepProgressed& progress);
  void on(const StepFinished& finished);

  void feed(const DeviceInput& input);
  void perform(const Warn& output);
  void perform(const SaveState& output);
  void perform(const PublishBirth& output);
  void perform(const PublishState& output);
  void perform(const StartStep& output);
  void perform(const CancelStep& output);
  void perform(const ScheduleTimer& output);
  void perform(const Change& output);

  /// nullopt: nobody said; then it is JSON.
  [[nodiscard]] std::optional<Encoding> said_encoding() const;
  [[nodiscard]] Encoding encoding() const { return said_encoding().value_or(Encoding::json); }

  void connect();
  void drop_link(const std::string& reason);
  void plan_reconnect();
  void flush();
  bool send(UpKind kind, const std::string& payload, DeliveryId id);
  void look();
  void save();
  [[nodiscard]] std::vector<std::string> present_locks() const;
  void plan(std::chrono::milliseconds delay, DueKind kind, std::uint64_t id);
  std::chrono::milliseconds draw(std::chrono::milliseconds least, std::chrono::milliseconds most);

  std::size_t index_;
  Surroundings& around_;
  const DeviceCredentials& credentials_;
  std::filesystem::path folder_;
  StateFile file_;
  std::string boot_;
  std::optional<Device> device_;
  std::optional<DeviceState> unsaved_;
  std::vector<std::string> locks_;

  std::uint64_t link_number_ = 0;
  std::uint64_t lost_link_ = 0;
  std::unique_ptr<Link> link_;
  std::chrono::steady_clock::time_point up_since_;
  int attempts_ = 0;
  std::string last_refusal_;

  // At most one publish of each kind is under way; what comes meanwhile is folded.
  bool birth_wanted_ = false;
  bool birth_in_flight_ = false;
  std::optional<StateReport> state_wanted_;
  bool state_in_flight_ = false;
  std::chrono::steady_clock::time_point in_flight_since_;

  std::uint64_t last_step_ = 0;
  std::uint64_t simulated_step_ = 0;  // The one under way; 0: none.
  std::jthread worker_;  // Of the running hook. Last: it must end before the rest goes.
};

}  // namespace muster::agent
