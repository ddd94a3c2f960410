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

void move_device(ViewBatch& batch, const DeviceMoved& e) {
  batch.erase(key_of(TargetsKey::device_of_fleet, e.from, e.id));
  batch.put(key_of(TargetsKey::fleet_of_device, e.id), id_bytes(e.to));
  put_device(batch, e.to, e.id, e.pin.has_value());
  if (e.previous_pin) batch.erase(key_of(TargetsKey::device_pinned_to, *e.previous_pin, e.id));
  if (e.pin) batch.put(key_of(TargetsKey::device_pinned_to, *e.pin, e.id), {});
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
          [&](const DeviceRegistered& e) { add_device(batch, e); },
          [&](const DevicePinned& e) { set_pin(batch, e.id, e.previous_pin, e.release); },
          [&](const DeviceTrackingFleet& e) { set_pin(batch, e.id, e.previous_pin, std::nullopt); },
          [&](const DeviceMoved& e) { move_device(batch, e); },
          [](const auto&) {},  // All others change no list.
      },
      recorded.event);
}

void TargetsView::finish(ViewBatch&) {}

}  // namespace muster
