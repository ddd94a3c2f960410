#include "core/domain/event.h"

#include <array>

#include "core/base/overloaded.h"

namespace muster {
namespace {

// In the order of the variant's alternatives.
constexpr std::array<std::string_view, std::variant_size_v<Event>> names{
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
};

Subject of(EntityKind kind, std::uint32_t id) { return Subject{kind, id}; }

/// What an event about an action is about: a device, or all of a fleet.
Subject scope_of(DeviceId device, FleetId fleet) {
  return device == DeviceId{} ? of(EntityKind::fleet, fleet.value())
                              : of(EntityKind::device, device.value());
}

}  // namespace

Subject subject_of(const Event& event) {
  return std::visit(
      Overloaded{
          [](const LogCreated&) { return of(EntityKind::log, 0); },
          [](const ClockAccepted&) { return of(EntityKind::log, 0); },
          [](const DeviceTypeAdded& e) { return of(EntityKind::device_type, e.id.value()); },
          [](const OrganisationCreated& e) { return of(EntityKind::organisation, e.id.value()); },
          [](const OrganisationMemberSet& e) {
            return of(EntityKind::organisation, e.organisation.value());
          },
          [](const OrganisationMemberRemoved& e) {
            return of(EntityKind::organisation, e.organisation.value());
          },
          [](const UserCreated& e) { return of(EntityKind::user, e.id.value()); },
          [](const UserDisabled& e) { return of(EntityKind::user, e.id.value()); },
          [](const UserEnabled& e) { return of(EntityKind::user, e.id.value()); },
          [](const TokenIssued& e) { return of(EntityKind::token, e.id.value()); },
          [](const TokenRevoked& e) { return of(EntityKind::token, e.id.value()); },
          [](const FleetCreated& e) { return of(EntityKind::fleet, e.id.value()); },
          [](const FleetMemberSet& e) { return of(EntityKind::fleet, e.fleet.value()); },
          [](const FleetMemberRemoved& e) { return of(EntityKind::fleet, e.fleet.value()); },
          [](const FleetPinned& e) { return of(EntityKind::fleet, e.fleet.value()); },
          [](const FleetTrackingLatest& e) { return of(EntityKind::fleet, e.fleet.value()); },
          [](const FleetTargetChanged& e) { return of(EntityKind::fleet, e.fleet.value()); },
          [](const ReleaseCreated& e) { return of(EntityKind::release, e.id.value()); },
          [](const ReleaseFinished& e) { return of(EntityKind::release, e.id.value()); },
          [](const ReleaseFinalized& e) { return of(EntityKind::release, e.id.value()); },
          [](const ReleaseInvalidated& e) { return of(EntityKind::release, e.id.value()); },
          [](const ReleaseValidated& e) { return of(EntityKind::release, e.id.value()); },
          [](const ReleaseDeleted& e) { return of(EntityKind::release, e.id.value()); },
          [](const DeviceRegistered& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceRenamed& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceNoted& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceTagged& e) { return of(EntityKind::device, e.id.value()); },
          [](const DevicePinned& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceTrackingFleet& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceRunningChanged& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceSoftwareChanged& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceBooted& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceEncodingChanged& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceKeyRotated& e) { return of(EntityKind::device, e.id.value()); },
          [](const DeviceKeyRetired& e) { return of(EntityKind::device, e.id.value()); },
          [](const ProvisioningKeyIssued& e) {
            return of(EntityKind::provisioning_key, e.id.value());
          },
          [](const ProvisioningKeyRevoked& e) {
            return of(EntityKind::provisioning_key, e.id.value());
          },
          [](const SavedViewCreated& e) { return of(EntityKind::saved_view, e.id.value()); },
          [](const SavedViewRemoved& e) { return of(EntityKind::saved_view, e.id.value()); },
          [](const DeviceMoved& e) { return of(EntityKind::device, e.id.value()); },
          [](const ActionQueued& e) { return scope_of(e.device, {}); },
          [](const FleetActionQueued& e) { return scope_of({}, e.fleet); },
          [](const FleetActionEnded& e) { return scope_of({}, e.fleet); },
          [](const ActionSkipped& e) {
            return scope_of(e.fleet == FleetId{} ? e.devices.front() : DeviceId{}, e.fleet);
          },
          [](const auto& e) { return scope_of(e.device, e.fleet); },  // What happens to an action.
      },
      event);
}

std::string_view name_of(const Event& event) { return names[event.index()]; }

}  // namespace muster
