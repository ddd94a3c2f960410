#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/ulid.h"
#include "core/domain/actions/action_events.h"
#include "core/domain/ids.h"

namespace muster {

/// A result that came when the action was over already.
struct LateResult {
  ActionState state = ActionState::succeeded;
  std::int32_t code = 0;
  std::string message;
  Timestamp at;
};

/// How far an action is on one device.
struct ActionProgress {
  ActionState state = ActionState::queued;
  std::optional<EndCause> cause;       // Why it is over.
  std::optional<EndCause> cancelling;  // Why it is being withdrawn.
  std::uint32_t attempts = 0;
  std::int32_t code = 0;
  std::string message;
  std::optional<Timestamp> published_at;  // First.
  std::optional<Timestamp> delivered_at;
  std::optional<Timestamp> started_at;
  std::optional<Timestamp> ended_at;
  std::optional<Timestamp> deadline;  // When the clock that runs ends.
  std::optional<LateResult> late;

  [[nodiscard]] bool over() const noexcept { return state >= ActionState::succeeded; }
  [[nodiscard]] bool empty() const noexcept { return false; }
};

/// Who asked for an action.
struct ActionAsked {
  Ulid id;  // Of the command.
  UserId user;
  std::string reason;
  Timestamp at;
};

/// An action: of one device, or of a fleet. With neither it stands for the devices that a selection
/// left out.
struct ActionRecord {
  Sequence n;
  ActionOrder order;
  DeviceId device;
  FleetId fleet;
  DeviceId last_device;  // Fleet-wide: those registered later are not meant.
  bool by_move = false;
  std::vector<ActionAsked> asked;  // First who queued it, then whose wish became one with it.
  ActionProgress progress;         // On its device; fleet-wide: where nothing happened.
  std::uint32_t untouched = 0;     // Fleet-wide: devices on which nothing happened.

  [[nodiscard]] bool empty() const noexcept { return n == Sequence{}; }
};

/// What became of all that one command asked for.
struct ActionRollUp {
  Sequence n;  // Of the last action that it queued, or that its wish became one with.
  ActionKind kind = ActionKind::restart;
  ActionAsked asked;
  std::vector<std::uint32_t> counts;  // Devices by ActionState, from 1.
  std::vector<FleetId> fleets;        // Of the devices, when it was asked for. Sorted.

  [[nodiscard]] std::uint32_t count(ActionState state) const noexcept;
  [[nodiscard]] std::uint32_t devices() const noexcept;
  /// How many devices are not done with it.
  [[nodiscard]] std::uint32_t open() const noexcept;
  /// How far all devices together are. While some are not done: `queued`, then `started`; after
  /// that what befell one of them, the first of `failed`, `succeeded`, and the ends without a deed.
  [[nodiscard]] ActionState state() const noexcept;
  void add(ActionState state, std::uint32_t devices);
  void move(ActionState from, ActionState to, std::uint32_t devices);
  [[nodiscard]] bool empty() const noexcept { return n == Sequence{}; }
};

// Records as bytes. A change raises the version of ActionsView.
std::string encode_record(const ActionRecord& record);
std::string encode_record(const ActionProgress& record);
std::string encode_record(const ActionRollUp& record);

/// One of the types above. Errors: corrupt.
template <typename Record>
[[nodiscard]] Result<Record> decode_record(std::string_view bytes);

}  // namespace muster
