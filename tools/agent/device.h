#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/agent/channel/messages.h"
#include "tools/agent/device_io.h"
#include "tools/agent/device_state.h"

namespace muster::agent {

/// One device as a state machine: no I/O, no clock, no threads, no randomness. The rules are
/// those "for the device" of docs/device-channel.md, as far as targets, presence and state go.
class Device {
 public:
  Device(DeviceState stored, std::string boot);

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

  void accept(Target target, const std::string& payload);
  void drop_target();
  void refuse(const std::string& why);
  void finish(const Step& step);
  void fail_step(const Release& release, const StepFinished& input);

  [[nodiscard]] const Release* wanted() const;
  [[nodiscard]] bool runs_well(const Release& release) const;
  void advance();
  void advance_step();
  void settle(Status status, std::string message = {});
  void start(StepKind kind, const Release& release);
  void announce();
  void report();
  void forget_failures();
  void tell(ChangeKind kind, std::optional<Release> release, std::string message = {});
  TimerId schedule(std::chrono::milliseconds at_least, std::chrono::milliseconds at_most);

  DeviceState state_;
  std::optional<Target> target_;  // state_.target, read.
  std::optional<Step> step_;
  std::optional<Release> downloaded_;
  std::vector<std::string> locks_;
  std::string bridge_instance_;
  bool connected_ = false;

  Status status_ = Status::idle;
  int percent_ = 0;
  int code_ = 0;
  std::string message_;

  int failures_ = 0;  // In a row, of the present target.
  TimerId last_timer_ = 0;
  std::optional<TimerId> retry_timer_;
  std::optional<TimerId> announce_timer_;

  std::vector<DeviceOutput> outputs_;  // Of the input being handled.
  bool must_save_ = false;
  bool must_report_ = false;
  std::optional<StateReport> reported_;
};

}  // namespace muster::agent
