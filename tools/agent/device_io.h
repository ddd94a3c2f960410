#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tools/agent/channel/action_messages.h"
#include "tools/agent/channel/messages.h"
#include "tools/agent/device_state.h"

/// What goes into the state machine of a device and what comes out of it (device.h).
namespace muster::agent {

enum class StepKind { download, apply };

std::string_view to_string(StepKind kind) noexcept;

using TimerId = std::uint64_t;

// What happens to a device.

/// The agent has read the stored state. Comes first, once.
struct Started {
  std::vector<std::string> locks;  // As in LocksChanged.
};
struct Connected {};
struct Lost {
  std::string reason;
};
struct TargetReceived {
  std::string payload;
};
struct BridgeSeen {
  std::string payload;
};
struct StepProgressed {
  int percent = 0;
};
/// The step asked for last has ended; also follows CancelStep, then with any code.
struct StepFinished {
  int code = 0;  // 0: it succeeded.
  std::string message;
};
/// The services whose lock file is there now, sorted.
struct LocksChanged {
  std::vector<std::string> names;
};
struct TimerFired {
  TimerId id = 0;
};
struct ActionReceived {
  std::string payload;
};
struct CancelReceived {
  std::string payload;
};
/// The broker has every ack that was to be published.
struct AcksDelivered {};
struct DeedProgressed {
  int percent = 0;
};
/// The deed of an action has ended. For a reboot or a shutdown: it is on its way.
struct DeedFinished {
  int code = 0;  // 0: it succeeded.
  std::string message;
};
/// What RunServices asked for last is so.
struct ServicesReady {};

using DeviceInput =
    std::variant<Started, Connected, Lost, TargetReceived, BridgeSeen, StepProgressed, StepFinished,
                 LocksChanged, TimerFired, ActionReceived, CancelReceived, AcksDelivered,
                 DeedProgressed, DeedFinished, ServicesReady>;

// What is to be done about it, in this order.

/// Nothing after it is done before it is on disk.
struct SaveState {
  DeviceState state;
};
struct PublishBirth {};
struct PublishState {
  StateReport report;
};
/// Never while another step is under way.
struct StartStep {
  StepKind kind = StepKind::download;
  Release release;
  std::string previous_commit;
};
struct CancelStep {};
/// In order, none left out.
struct PublishAck {
  Ack ack;
};
/// Never while another deed or an apply is under way. Those of a restart and a purge stop the
/// services; they start again by RunServices.
struct StartDeed {
  Action action;
  bool again = false;  // It may have been done before, in part or whole.
};
/// What the services of this release are is what runs from now on; nothing else does.
struct RunServices {
  Release release;
};
/// After a time between the two, drawn by whoever performs it.
struct ScheduleTimer {
  TimerId id = 0;
  std::chrono::milliseconds at_least{};
  std::chrono::milliseconds at_most{};
};

enum class ChangeKind { target, downloading, applying, running, rejected, locked, connected, lost };

std::string_view to_string(ChangeKind kind) noexcept;

/// Something a person watching would want to see.
struct Change {
  ChangeKind kind = ChangeKind::target;
  Position position;
  std::optional<Release> release;
  std::string policy;   // Of a target.
  std::string message;  // Why; the locks.
};

/// The same, of an action.
struct ActionChange {
  Action action;
  AckState state = AckState::delivered;
  std::string message;
};

/// Something an operator should read in the log.
struct Warn {
  std::string text;
};

using DeviceOutput =
    std::variant<Warn, SaveState, PublishBirth, PublishState, PublishAck, StartStep, CancelStep,
                 StartDeed, RunServices, ScheduleTimer, Change, ActionChange>;

}  // namespace muster::agent
