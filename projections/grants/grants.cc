#include "projections/grants/grants.h"

#include <optional>
#include <string>

#include "projections/key_layout.h"

namespace muster {
namespace {

/// The keys of grants to one kind of entity.
struct Keys {
  GrantsKey end;
  GrantsKey by_end;
};
constexpr Keys device_keys{GrantsKey::end_of_device, GrantsKey::device_by_end};
constexpr Keys fleet_keys{GrantsKey::end_of_fleet, GrantsKey::fleet_by_end};

std::string time_bytes(Timestamp time) {
  std::string bytes;
  append_part(bytes, time);
  return bytes;
}

Timestamp time_of(std::string_view bytes) {
  const auto ticks = read_big_endian<std::uint64_t>(bytes.substr(0, sizeof(std::uint64_t)));
  return Timestamp{Timestamp::duration{static_cast<std::int64_t>(ticks)}};
}

/// The grant ends at `until`; without it, there is none any more.
template <typename Id>
void set(ViewBatch& batch, const Keys& keys, Id id, std::optional<Timestamp> until) {
  const auto key = key_of(keys.end, id);
  if (const auto before = batch.get(key)) batch.erase(key_of(keys.by_end, time_of(*before), id));
  if (!until) {
    batch.erase(key);
    return;
  }
  batch.put(key, time_bytes(*until));
  batch.put(key_of(keys.by_end, *until, id), {});
}

template <typename Id>
std::vector<Id> due(const ViewSnapshot& snapshot, GrantsKey by_end, Timestamp now,
                    std::size_t limit) {
  std::vector<Id> ids;
  snapshot.scan(grants_view, {key_of(by_end), {}}, [&](std::string_view key, std::string_view) {
    const bool is_due = time_of(key.substr(1)) <= now && ids.size() < limit;
    if (is_due) ids.push_back(id_at_end<Id>(key));
    return is_due;
  });
  return ids;
}

}  // namespace

std::string_view GrantsView::name() const { return grants_view; }

void GrantsView::apply(ViewBatch& batch, const Recorded& recorded) {
  // Deliberately not exhaustive: most events concern no grant.
  if (const auto* e = std::get_if<DeviceSupportGranted>(&recorded.event)) {
    set(batch, device_keys, e->id, e->until);
  } else if (const auto* ended = std::get_if<DeviceSupportEnded>(&recorded.event)) {
    set(batch, device_keys, ended->id, std::nullopt);
  } else if (const auto* deleted = std::get_if<DeviceDeleted>(&recorded.event)) {
    set(batch, device_keys, deleted->id, std::nullopt);
  } else if (const auto* moved = std::get_if<DeviceMoved>(&recorded.event)) {
    set(batch, device_keys, moved->id, std::nullopt);
  } else if (const auto* granted = std::get_if<FleetSupportGranted>(&recorded.event)) {
    set(batch, fleet_keys, granted->fleet, granted->until);
  } else if (const auto* over = std::get_if<FleetSupportEnded>(&recorded.event)) {
    set(batch, fleet_keys, over->fleet, std::nullopt);
  } else if (const auto* gone = std::get_if<FleetDeleted>(&recorded.event)) {
    set(batch, fleet_keys, gone->fleet, std::nullopt);
  }
}

void GrantsView::finish(ViewBatch&) {}

Granted due_grants(const ViewSnapshot& snapshot, Timestamp now, std::size_t limit) {
  return {.devices = due<DeviceId>(snapshot, GrantsKey::device_by_end, now, limit),
          .fleets = due<FleetId>(snapshot, GrantsKey::fleet_by_end, now, limit)};
}

std::vector<DeviceId> granted_devices(const ViewSnapshot& snapshot, Timestamp now) {
  std::vector<DeviceId> ids;
  const auto prefix = key_of(GrantsKey::end_of_device);
  snapshot.scan(grants_view, {prefix, {}}, [&](std::string_view key, std::string_view end) {
    if (time_of(end) > now) ids.push_back(id_at_end<DeviceId>(key));
    return true;
  });
  return ids;
}

}  // namespace muster
