#include "projections/targets.h"

#include "core/base/overloaded.h"
#include "projections/key_layout.h"
#include "projections/view_store.h"

namespace muster {
namespace {

/// Where a device is listed.
struct Place {
  FleetId fleet;
  bool resting = false;
};

TargetsKey list_of(bool resting) {
  return resting ? TargetsKey::resting_of_fleet : TargetsKey::device_of_fleet;
}

std::string key_of(const Place& place, DeviceId device) {
  return key_of(list_of(place.resting), place.fleet, device);
}

Place place_of(const ViewBatch& batch, DeviceId device) {
  const auto bytes = batch.get(key_of(TargetsKey::fleet_of_device, device));
  if (!bytes) batch.end_damaged("a device is missing in the target lists");
  return {.fleet = id_at_end<FleetId>(*bytes),
          .resting = bytes->size() > sizeof(decltype(FleetId{}.value()))};
}

void put_place(ViewBatch& batch, DeviceId device, const Place& place) {
  batch.put(key_of(TargetsKey::fleet_of_device, device),
            std::string(place.resting ? 1 : 0, '\1') + id_bytes(place.fleet));
}

std::string pinned_byte(bool pinned) { return std::string(1, pinned ? '\1' : '\0'); }

void add_device(ViewBatch& batch, const DeviceRegistered& e) {
  const Place place{.fleet = e.fleet};
  put_place(batch, e.id, place);
  batch.put(key_of(place, e.id), pinned_byte(false));
}

void move_device(ViewBatch& batch, const DeviceMoved& e) {
  Place place = place_of(batch, e.id);
  batch.erase(key_of(place, e.id));
  place.fleet = e.to;
  put_place(batch, e.id, place);
  batch.put(key_of(place, e.id), pinned_byte(e.pin.has_value()));
}

void set_pinned(ViewBatch& batch, DeviceId device, bool pinned) {
  batch.put(key_of(place_of(batch, device), device), pinned_byte(pinned));
}

void set_resting(ViewBatch& batch, DeviceId device, bool resting) {
  Place place = place_of(batch, device);
  const auto key = key_of(place, device);
  const auto pinned = batch.get(key);
  if (!pinned) batch.end_damaged("a device is missing in the list of its fleet");
  batch.erase(key);
  place.resting = resting;
  put_place(batch, device, place);
  batch.put(key_of(place, device), *pinned);
}

void drop_device(ViewBatch& batch, const DeviceDeleted& e) {
  batch.erase(key_of(place_of(batch, e.id), e.id));
}

}  // namespace

std::string_view TargetsView::name() const { return targets_view; }

void TargetsView::apply(ViewBatch& batch, const Recorded& recorded) {
  std::visit(Overloaded{
                 [&](const DeviceRegistered& e) { add_device(batch, e); },
                 [&](const DevicePinned& e) {
                   if (!e.previous_pin) set_pinned(batch, e.id, true);
                 },
                 [&](const DeviceTrackingFleet& e) { set_pinned(batch, e.id, false); },
                 [&](const DeviceMoved& e) { move_device(batch, e); },
                 [&](const DeviceDeactivated& e) { set_resting(batch, e.id, true); },
                 [&](const DeviceReactivated& e) { set_resting(batch, e.id, false); },
                 [&](const DeviceDeleted& e) { drop_device(batch, e); },
                 [](const auto&) {},  // All others change no list.
             },
             recorded.event);
}

void TargetsView::finish(ViewBatch&) {}

}  // namespace muster
