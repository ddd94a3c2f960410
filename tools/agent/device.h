#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/agent/actions/action_desk.h"
#include "tools/agent/channel/messages.h"
#include "tools/agent/device_io.h"
#include "tools/agent/device_state.h"
#include "tools/agent/outbox.h"

namespace muster::agent {

/// One device as a state machine: no I/O, no clock, no threads, no randomness. The rules are
/// those for a device in docs/device-channel.md; those of actions are in action_desk.h.
class Device {
 public:
  Device(DeviceState stored, std::string boot);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  ~Device() = default;

  [[nodiscard]] std::vector<DeviceOutput> handle(const DeviceInput& input);

 private:
  struct Step {
    StepKind kind = StepKind::download;
    Release release;
    bool cancelled = false;
  };

  void on(const Started& input);
  void on(const Connected& input);
  void on(const Lost& input);
  void on(const TargetReceived& input);
  void on(const BridgeSeen& input);
  void on(const StepProgressed& input);
  void on(const StepFinished& input);
  void on(const LocksChanged& input);
  void on(const TimerFired& input);
  void on(const ActionReceived& input);
  void on(const CancelReceived& input);
  void on(const AcksDelivered& input);
  void on(const DeedProgressed& input);
  void on(const DeedFinished& input);
  void on(const ServicesReady& input);

  void accept(Target target, const std::string& payload);
  void adopt(Target target);
  void drop_target();
  void refuse(const std::string& why);
  void finish(const Step& step);
  void fail_step(const Release& release, const StepFinished& input);

  [[nodiscard]] const Release* wanted() const;
  [[nodiscard]] bool lacks_download() const;
  [[nodiscard]] bool runs_well(const Release& release) const;
  void advance();
  void advance_step();
  void settle(Status status, std::string message = {});
  void start(StepKind kind, const Release& release);
  void announce();
  void report();
  void forget_failures();
  void tell(ChangeKind kind, std::optional<Release> release, std::string message = {});
  bool run_services(const Release* before);
  void raise_services();
  [[nodiscard]] DeskView desk_view() const;

  DeviceState state_;
  Outbox outbox_;
  ActionDesk desk_;
  std::optional<Target> target_;  // state_.target, read.
  std::string unusable_;          // Why its release cannot run here; empty: it can.
  std::optional<Step> step_;
  std::optional<Release> downloaded_;
  std::vector<std::string> locks_;
  std::string bridge_instance_;
  bool connected_ = false;
  bool is_switching_ = false;      // To the services of the release that was applied.
  bool are_services_down_ = true;  // Those of the running release.
  int services_asked_ = 0;         // How often, without an answer yet.

  Status status_ = Status::idle;
  int percent_ = 0;
  int code_ = 0;
  std::string message_;

  int failures_ = 0;  // In a row, of the present target.
  std::optional<TimerId> retry_timer_;
  std::optional<TimerId> announce_timer_;

  bool must_report_ = false;
  std::optional<StateReport> reported_;
};

}  // namespace muster::agent
