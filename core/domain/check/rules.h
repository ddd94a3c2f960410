#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/check/transition.h"

namespace muster::check {

// What must be true before each event, one function a fact. Nothing else includes this but
// TransitionCheck and the rules themselves.

using Verdict = std::optional<TransitionFinding>;

inline Verdict not_possible(std::string what) {
  return TransitionFinding{TransitionFault::not_possible, std::move(what)};
}

inline Verdict wrong_before(std::string_view what) {
  return TransitionFinding{TransitionFault::wrong_before,
                           fmt::format("{} was not what it says", what)};
}

template <typename Id>
Verdict unknown(std::string_view kind, Id id) {
  return TransitionFinding{TransitionFault::unknown_entity,
                           fmt::format("there is no {} {}", kind, id.value())};
}

inline Verdict name_taken(std::string_view kind, std::string_view name) {
  return TransitionFinding{TransitionFault::name_taken,
                           fmt::format("another {} is called {}", kind, name)};
}

/// The ids of a kind are dense.
template <typename Id>
Verdict check_next(std::string_view kind, Id given, Id next) {
  if (given == next) return std::nullopt;
  return TransitionFinding{
      TransitionFault::id_not_next,
      fmt::format("it makes {} {}, and {} is the next", kind, given.value(), next.value())};
}

Verdict check(const State& state, const Recorded& recorded, const LogCreated& e);
Verdict check(const State& state, const Recorded& recorded, const LogRestored& e);
Verdict check(const State& state, const Recorded& recorded, const ClockAccepted& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceTypeAdded& e);
Verdict check(const State& state, const Recorded& recorded, const OrganisationCreated& e);
Verdict check(const State& state, const Recorded& recorded, const OrganisationMemberSet& e);
Verdict check(const State& state, const Recorded& recorded, const OrganisationMemberRemoved& e);
Verdict check(const State& state, const Recorded& recorded, const OrganisationBillingSet& e);
Verdict check(const State& state, const Recorded& recorded, const UserCreated& e);
Verdict check(const State& state, const Recorded& recorded, const UserDisabled& e);
Verdict check(const State& state, const Recorded& recorded, const UserEnabled& e);
Verdict check(const State& state, const Recorded& recorded, const UserErased& e);
Verdict check(const State& state, const Recorded& recorded, const NotesErased& e);
Verdict check(const State& state, const Recorded& recorded, const TokenIssued& e);
Verdict check(const State& state, const Recorded& recorded, const TokenRevoked& e);

Verdict check(const State& state, const Recorded& recorded, const FleetCreated& e);
Verdict check(const State& state, const Recorded& recorded, const FleetMemberSet& e);
Verdict check(const State& state, const Recorded& recorded, const FleetMemberRemoved& e);
Verdict check(const State& state, const Recorded& recorded, const FleetPinned& e);
Verdict check(const State& state, const Recorded& recorded, const FleetTrackingLatest& e);
Verdict check(const State& state, const Recorded& recorded, const FleetTargetChanged& e);
Verdict check(const State& state, const Recorded& recorded, const FleetPublicUrlsSet& e);
Verdict check(const State& state, const Recorded& recorded, const FleetSupportGranted& e);
Verdict check(const State& state, const Recorded& recorded, const FleetSupportEnded& e);
Verdict check(const State& state, const Recorded& recorded, const FleetTypeChanged& e);
Verdict check(const State& state, const Recorded& recorded, const FleetRenamed& e);
Verdict check(const State& state, const Recorded& recorded, const FleetTransferred& e);
Verdict check(const State& state, const Recorded& recorded, const FleetDeleted& e);
Verdict check(const State& state, const Recorded& recorded, const ProvisioningKeyIssued& e);
Verdict check(const State& state, const Recorded& recorded, const ProvisioningKeyRevoked& e);
Verdict check(const State& state, const Recorded& recorded, const SavedViewCreated& e);
Verdict check(const State& state, const Recorded& recorded, const SavedViewRemoved& e);

Verdict check(const State& state, const Recorded& recorded, const ReleaseCreated& e);
Verdict check(const State& state, const Recorded& recorded, const ReleaseFinished& e);
Verdict check(const State& state, const Recorded& recorded, const ReleaseFinalized& e);
Verdict check(const State& state, const Recorded& recorded, const ReleaseInvalidated& e);
Verdict check(const State& state, const Recorded& recorded, const ReleaseValidated& e);
Verdict check(const State& state, const Recorded& recorded, const ReleaseDeleted& e);

Verdict check(const State& state, const Recorded& recorded, const DeviceRegistered& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceRenamed& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceNoted& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceTagged& e);
Verdict check(const State& state, const Recorded& recorded, const DevicePinned& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceTrackingFleet& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceMoved& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceKeyRotated& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceKeyRetired& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceRunningChanged& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceSoftwareChanged& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceBooted& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceEncodingChanged& e);
Verdict check(const State& state, const Recorded& recorded, const DevicePublicUrlSet& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceLockOverrideSet& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceLocalModeSet& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceSettingSkipped& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceSupportGranted& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceSupportEnded& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceTypeChanged& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceDeactivated& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceReactivated& e);
Verdict check(const State& state, const Recorded& recorded, const DeviceDeleted& e);

Verdict check(const State& state, const Recorded& recorded, const ActionQueued& e);
Verdict check(const State& state, const Recorded& recorded, const FleetActionQueued& e);
Verdict check(const State& state, const Recorded& recorded, const ActionSkipped& e);
Verdict check(const State& state, const Recorded& recorded, const ActionMerged& e);
Verdict check(const State& state, const Recorded& recorded, const ActionPublished& e);
Verdict check(const State& state, const Recorded& recorded, const ActionDelivered& e);
Verdict check(const State& state, const Recorded& recorded, const ActionStarted& e);
Verdict check(const State& state, const Recorded& recorded, const ActionEnded& e);
Verdict check(const State& state, const Recorded& recorded, const ActionCancelRequested& e);
Verdict check(const State& state, const Recorded& recorded, const FleetActionEnded& e);
Verdict check(const State& state, const Recorded& recorded, const ActionLateResult& e);

}  // namespace muster::check
