#include "core/domain/event.h"

#include <array>

#include "core/base/overloaded.h"

namespace muster {
namespace {

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<AnyFact>> names{
    "LogCreated",
    "ClockAccepted",
    "DeviceTypeAdded",
    "OrganisationCreated",
    "UserCreated",
    "UserDisabled",
    "UserEnabled",
    "TokenIssued",
    "TokenRevoked",
    "FleetCreated",
    "FleetMemberSet",
    "FleetMemberRemoved",
    "FleetPinned",
    "FleetTrackingLatest",
    "FleetTargetChanged",
    "ReleaseCreated",
    "ReleaseFinished",
    "ReleaseFinalized",
    "ReleaseInvalidated",
    "ReleaseValidated",
    "ReleaseDeleted",
    "DeviceRegistered",
    "DeviceRenamed",
    "DeviceNoted",
    "DeviceTagged",
    "DevicePinned",
    "DeviceTrackingFleet",
    "DeviceRunningChanged",
    "DeviceSoftwareChanged",
    "DeviceBooted",
    "DeviceEncodingChanged",
    "DeviceKeyRotated",
    "DeviceKeyRetired",
    "ProvisioningKeyIssued",
    "ProvisioningKeyRevoked",
    "SavedViewCreated",
    "SavedViewRemoved",
    "OrganisationMemberSet",
    "OrganisationMemberRemoved",
    "ActionQueued",
    "FleetActionQueued",
    "ActionSkipped",
    "ActionMerged",
    "ActionPublished",
    "ActionDelivered",
    "ActionStarted",
    "ActionEnded",
    "ActionCancelRequested",
    "FleetActionEnded",
    "ActionLateResult",
    "DeviceMoved",
    "DevicePublicUrlSet",
    "FleetPublicUrlsSet",
    "DeviceLockOverrideSet",
    "DeviceLocalModeSet",
    "DeviceSettingSkipped",
    "DeviceSupportGranted",
    "DeviceSupportEnded",
    "FleetSupportGranted",
    "FleetSupportEnded",
    "DeviceTypeChanged",
    "DeviceDeactivated",
    "DeviceReactivated",
    "DeviceDeleted",
    "FleetTypeChanged",
    "FleetRenamed",
    "FleetTransferred",
    "FleetDeleted",
    "OrganisationBillingSet",
    "LogRestored",
    "UserErased",
    "NotesErased",
};

Subject of(DeviceTypeId id) { return {EntityKind::device_type, id.value()}; }
Subject of(OrganisationId id) { return {EntityKind::organisation, id.value()}; }
Subject of(UserId id) { return {EntityKind::user, id.value()}; }
Subject of(TokenId id) { return {EntityKind::token, id.value()}; }
Subject of(FleetId id) { return {EntityKind::fleet, id.value()}; }
Subject of(ReleaseId id) { return {EntityKind::release, id.value()}; }
Subject of(DeviceId id) { return {EntityKind::device, id.value()}; }
Subject of(SavedViewId id) { return {EntityKind::saved_view, id.value()}; }
Subject of(ProvisioningKeyId id) { return {EntityKind::provisioning_key, id.value()}; }

/// What a fact is about, by the names of its fields: `id`, else `device`, else `fleet`, else
/// `organisation`, else `user`, else the log itself.
template <typename Fact>
Subject about(const Fact& fact) {
  if constexpr (requires { fact.id; }) {
    return of(fact.id);
  } else if constexpr (requires { fact.device; }) {
    return of(fact.device);
  } else if constexpr (requires { fact.fleet; }) {
    return of(fact.fleet);
  } else if constexpr (requires { fact.organisation; }) {
    return of(fact.organisation);
  } else if constexpr (requires { fact.user; }) {
    return of(fact.user);
  } else {
    return {EntityKind::log, 0};
  }
}

}  // namespace

Event::Event(const Event& other) = default;
Event::Event(Event&& other) noexcept = default;
Event& Event::operator=(const Event& other) = default;
Event& Event::operator=(Event&& other) noexcept = default;
Event::~Event() = default;

Subject subject_of(const Event& event) {
  return std::visit(
      Overloaded{
          [](const ActionSkipped& e) {
            return e.fleet == FleetId{} ? of(e.devices.front()) : of(e.fleet);
          },
          [](const ActionMerged& e) { return e.device == DeviceId{} ? of(e.fleet) : of(e.device); },
          [](const auto& e) { return about(e); },
      },
      event);
}

std::string_view name_of(const Event& event) { return names[event.index()]; }

}  // namespace muster
