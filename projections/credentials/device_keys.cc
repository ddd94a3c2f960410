#include "projections/credentials/device_keys.h"

#include <string>
#include <utility>

#include "core/base/endian.h"
#include "projections/key_layout.h"
#include "projections/view_store.h"

namespace muster {
namespace {

std::string encode(const DeviceKeys& keys) {
  std::string bytes;
  append_part(bytes, keys.newest);
  append_part(bytes, keys.minimum);
  return bytes;
}

DeviceKeys keys_of(const ViewBatch& batch, DeviceId device) {
  const auto bytes = batch.get(key_of(DeviceKeysKey::keys_of_device, device));
  if (!bytes) return {};
  const auto keys = decode_device_keys(*bytes);
  if (!keys) batch.end_damaged(keys.error().message);
  return *keys;
}

void put(ViewBatch& batch, DeviceId device, const DeviceKeys& keys) {
  batch.put(key_of(DeviceKeysKey::keys_of_device, device), encode(keys));
}

}  // namespace

std::string_view DeviceKeysView::name() const { return device_keys_view; }

void DeviceKeysView::apply(ViewBatch& batch, const Recorded& recorded) {
  // Deliberately not exhaustive: most events concern no keys.
  if (const auto* rotated = std::get_if<DeviceKeyRotated>(&recorded.event)) {
    DeviceKeys keys = keys_of(batch, rotated->id);
    keys.newest = recorded.sequence;
    if (rotated->at_once) keys.minimum = recorded.sequence;
    put(batch, rotated->id, keys);
  } else if (const auto* retired = std::get_if<DeviceKeyRetired>(&recorded.event)) {
    DeviceKeys keys = keys_of(batch, retired->id);
    keys.minimum = retired->generation;
    put(batch, retired->id, keys);
  } else if (const auto* deleted = std::get_if<DeviceDeleted>(&recorded.event)) {
    DeviceKeys keys = keys_of(batch, deleted->id);
    keys.minimum = DeviceKeys::none_good;
    put(batch, deleted->id, keys);
  } else if (const auto* fleet = std::get_if<FleetDeleted>(&recorded.event)) {
    batch.put(key_of(DeviceKeysKey::revoked_fleet, fleet->fleet), {});
  } else if (const auto* registered = std::get_if<DeviceRegistered>(&recorded.event)) {
    if (!registered->previous) return;  // A uuid's first life: no key of it was ever lost.
    batch.erase(key_of(DeviceKeysKey::keys_of_device, *registered->previous));
    put(batch, registered->id, {.newest = recorded.sequence, .minimum = recorded.sequence});
  }
}

void DeviceKeysView::finish(ViewBatch&) {}

Result<DeviceKeys> decode_device_keys(std::string_view bytes) {
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (bytes.size() != 2 * size) {
    return fail(ErrorCode::corrupt, "a row of the view of device keys is damaged");
  }
  return DeviceKeys{.newest = Sequence{read_big_endian<std::uint64_t>(bytes.substr(0, size))},
                    .minimum = Sequence{read_big_endian<std::uint64_t>(bytes.substr(size))}};
}

}  // namespace muster
