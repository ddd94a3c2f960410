#include "projections/targets.h"

#include <optional>

#include "core/base/overloaded.h"
#include "projections/key_layout.h"
#include "projections/view_store.h"

namespace muster {
namespace {

void put_device(ViewBatch& batch, FleetId fleet, DeviceId device, bool pinned) {
  batch.put(key_of(TargetsKey::device_of_fleet, fleet, device),
            std::string(1, pinned ? '\1' : '\0'));
}

FleetId fleet_of(const ViewBatch& batch, DeviceId device) {
  const auto fleet = batch.get(key_of(TargetsKey::fleet_of_device, device));
  if (!fleet) batch.end_damaged("a device is missing in the target lists");
  return id_at_end<FleetId>(*fleet);
}

void add_device(ViewBatch& batch, const DeviceRegistered& e) {
  batch.put(key_of(TargetsKey::fleet_of_device, e.id), id_bytes(e.fleet));
  put_device(batch, e.fleet, e.id, false);
}

void set_pin(ViewBatch& batch, DeviceId device, std::optional<ReleaseId> before,
             std::optional<ReleaseId> after) {
  if (before.has_value() != after.has_value()) {
    put_device(batch, fleet_of(batch, device), device, after.has_value());
  }
  if (before) batch.erase(key_of(TargetsKey::device_pinned_to, *before, device));
  if (after) batch.put(key_of(TargetsKey::device_pinned_to, *after, device), {});
}

}  // namespace

std::string_view TargetsView::name() const { return targets_view; }

void TargetsView::apply(ViewBatch& batch, const Recorded& recorded) {
  std::visit(
      Overloaded{
          [](const LogCreated&) {},
          [](const ClockAccepted&) {},
          [](const DeviceTypeAdded&) {},
          [](const OrganisationCreated&) {},
          [](const UserCreated&) {},
          [](const UserDisabled&) {},
          [](const OrganisationMemberSet&) {},
          [](const OrganisationMemberRemoved&) {},
          [](const UserEnabled&) {},
          [](const TokenIssued&) {},
          [](const TokenRevoked&) {},
          [](const FleetCreated&) {},
          [](const FleetMemberSet&) {},
          [](const FleetMemberRemoved&) {},
          [](const FleetPinned&) {},
          [](const FleetTrackingLatest&) {},
          [](const FleetTargetChanged&) {},
          [](const ReleaseCreated&) {},
          [](const ReleaseFinished&) {},
          [](const ReleaseFinalized&) {},
          [](const ReleaseInvalidated&) {},
          [](const ReleaseValidated&) {},
          [](const ReleaseDeleted&) {},
          [&](const DeviceRegistered& e) { add_device(batch, e); },
          [](const DeviceRenamed&) {},
          [](const DeviceNoted&) {},
          [](const DeviceTagged&) {},
          [&](const DevicePinned& e) { set_pin(batch, e.id, e.previous_pin, e.release); },
          [&](const DeviceTrackingFleet& e) { set_pin(batch, e.id, e.previous_pin, std::nullopt); },
          [](const DeviceRunningChanged&) {},
          [](const DeviceSoftwareChanged&) {},
          [](const DeviceBooted&) {},
          [](const DeviceEncodingChanged&) {},
          [](const DeviceKeyRotated&) {},
          [](const DeviceKeyRetired&) {},
          [](const ProvisioningKeyIssued&) {},
          [](const ProvisioningKeyRevoked&) {},
          [](const SavedViewCreated&) {},
          [](const SavedViewRemoved&) {},
      },
      recorded.event);
}

void TargetsView::finish(ViewBatch&) {}

}  // namespace muster
