#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/ulid.h"
#include "core/domain/actions/action_events.h"
#include "core/domain/device_events.h"
#include "core/domain/fleet_events.h"
#include "core/domain/ids.h"
#include "core/domain/lifecycle/lifecycle_events.h"
#include "core/domain/lifecycle/setting_events.h"
#include "core/domain/organisation_events.h"
#include "core/domain/view_events.h"

namespace muster {

/// The facts there are, one struct each.
using AnyFact = std::variant<
    LogCreated, ClockAccepted, DeviceTypeAdded, OrganisationCreated, UserCreated, UserDisabled,
    UserEnabled, TokenIssued, TokenRevoked, FleetCreated, FleetMemberSet, FleetMemberRemoved,
    FleetPinned, FleetTrackingLatest, FleetTargetChanged, ReleaseCreated, ReleaseFinished,
    ReleaseFinalized, ReleaseInvalidated, ReleaseValidated, ReleaseDeleted, DeviceRegistered,
    DeviceRenamed, DeviceNoted, DeviceTagged, DevicePinned, DeviceTrackingFleet,
    DeviceRunningChanged, DeviceSoftwareChanged, DeviceBooted, DeviceEncodingChanged,
    DeviceKeyRotated, DeviceKeyRetired, ProvisioningKeyIssued, ProvisioningKeyRevoked,
    SavedViewCreated, SavedViewRemoved, OrganisationMemberSet, OrganisationMemberRemoved,
    ActionQueued, FleetActionQueued, ActionSkipped, ActionMerged, ActionPublished, ActionDelivered,
    ActionStarted, ActionEnded, ActionCancelRequested, FleetActionEnded, ActionLateResult,
    DeviceMoved, DevicePublicUrlSet, FleetPublicUrlsSet, DeviceLockOverrideSet, DeviceLocalModeSet,
    DeviceSettingSkipped, DeviceSupportGranted, DeviceSupportEnded, FleetSupportGranted,
    FleetSupportEnded, DeviceTypeChanged, DeviceDeactivated, DeviceReactivated, DeviceDeleted,
    FleetTypeChanged, FleetRenamed, FleetTransferred, FleetDeleted, OrganisationBillingSet,
    LogRestored, UserErased, NotesErased>;

/// What happened, in the past tense. Once stored an event is never edited, and every outside
/// fact a decision used is in it, so that replaying needs no policy and no clock. Stored form and
/// numbers: schemas/event.fbs.
///
/// How a variant of so many facts is copied and moved is compiled once, in event.cc: in every file
/// that has events it would take most of the time.
struct Event : AnyFact {
  using AnyFact::AnyFact;
  Event() = default;
  Event(const Event& other);
  Event(Event&& other) noexcept;
  Event& operator=(const Event& other);
  Event& operator=(Event&& other) noexcept;
  ~Event();
};

/// Who asked for it. `user` 0: Muster itself (the first start, the bridge, a timer).
struct Actor {
  UserId user;
  TokenId token;

  friend auto operator<=>(const Actor&, const Actor&) = default;
};

/// A key under which one actor's command is done at most once, and the digest of what it asked.
struct Idempotency {
  std::string key;
  Digest request{};
};

/// What is stored beside every event.
struct EventMeta {
  Timestamp at;
  Actor actor;
  std::string token_name;  // Of the actor's token; empty for Muster itself.
  Ulid command;            // All events of one command share it.
  std::optional<Idempotency> idempotency;
  std::string reason;
  std::vector<Sequence> causes;  // Events of other commands that led to this one.
  std::uint32_t index = 0;       // Place among the events of its command, from 0.
  std::uint32_t count = 1;       // How many events the command has.
};

/// One event as the log has it.
struct Recorded {
  Sequence sequence;
  EventMeta meta;
  Event event;
};

/// The kinds of entities events are about. The numbers are stored: never renumber.
enum class EntityKind : std::uint8_t {
  log = 1,
  device_type = 2,
  organisation = 3,
  user = 4,
  token = 5,
  fleet = 6,
  release = 7,
  device = 8,
  saved_view = 9,
  provisioning_key = 10
};

/// The one entity an event is about.
struct Subject {
  EntityKind kind = EntityKind::log;
  std::uint32_t id = 0;

  friend auto operator<=>(const Subject&, const Subject&) = default;
};

Subject subject_of(const Event& event);

/// The name of an event's type as people see it, e.g. `DevicePinned`.
std::string_view name_of(const Event& event);

}  // namespace muster
