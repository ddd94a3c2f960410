#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/agent/device.h"
#include "tools/agent/device_state.h"
#include "tools/agent/host/surroundings.h"
#include "tools/agent/host/uplink.h"
#include "tools/agent/host/workshop.h"
#include "tools/agent/services/supervisor.h"

namespace muster::agent {

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

  /// It has shut down, as far as that is simulated.
  [[nodiscard]] bool is_off() const noexcept { return is_off_; }

  /// Asks running hooks to end; the destructor waits for them.
  void request_stop() {
    if (workshop_) workshop_->request_stop();
  }

 private:
  void on(LinkUp up);
  void on(const LinkFailed& failure);
  void on(const LinkLost& loss);
  void on(MqttMessage message);
  void on(const Delivered& delivered);
  void on(const StepProgressed& progress) { feed(progress); }
  void on(const StepFinished& finished) { feed(finished); }
  void on(const DeedProgressed& progress) { feed(progress); }
  void on(const DeedFinished& finished);
  void on(const ServicesReady& ready) { feed(ready); }

  void feed(const DeviceInput& input);
  void perform_or_hold(const DeviceOutput& output);
  void perform(const Warn& output);
  void perform(const SaveState& output);
  void perform(const PublishBirth& output);
  void perform(const PublishState& output);
  void perform(const PublishAck& output);
  void perform(const StartStep& output) { workshop_->start(output); }
  void perform(const CancelStep& /*output*/) { workshop_->cancel_step(); }
  void perform(const StartDeed& output) { workshop_->start(output); }
  void perform(const RunServices& output) { workshop_->run(output); }
  void perform(const ScheduleTimer& output);
  void perform(const Change& output);
  void perform(const ActionChange& output);

  /// nullopt: nobody said; then it is JSON.
  [[nodiscard]] std::optional<Encoding> said_encoding() const;
  [[nodiscard]] Encoding encoding() const { return said_encoding().value_or(Encoding::json); }

  void connect();
  void drop_link(const std::string& reason);
  void close_link();
  void plan_reconnect();
  void flush();
  void look();
  void save();
  void go_down(ActionKind kind);
  void boot();
  void take_os_version(const Action& update);
  [[nodiscard]] std::vector<std::string> present_locks() const;
  void plan(std::chrono::milliseconds delay, DueKind kind, std::uint64_t id);
  std::chrono::milliseconds draw(std::chrono::milliseconds least, std::chrono::milliseconds most);

  std::size_t index_;
  Surroundings& around_;
  const DeviceCredentials& credentials_;
  std::filesystem::path folder_;
  StateFile file_;
  std::string boot_id_;
  std::string os_version_;
  std::uint64_t boots_ = 0;  // Since the agent started.
  bool is_off_ = false;
  std::optional<Device> device_;  // Of this boot.

  std::optional<DeviceState> unsaved_;
  std::vector<DeviceOutput> held_;  // What must wait until it is saved.
  std::vector<std::string> locks_;

  std::uint64_t link_number_ = 0;
  std::uint64_t lost_link_ = 0;
  std::unique_ptr<Link> link_;
  Uplink uplink_;
  std::chrono::steady_clock::time_point up_since_;
  int attempts_ = 0;
  std::string last_refusal_;

  // Last: what runs must end before the rest goes.
  Supervisor supervisor_;
  std::optional<Workshop> workshop_;  // Of this boot.
};

}  // namespace muster::agent
