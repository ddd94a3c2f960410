#include "tools/server/api/past/target_diff.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "tools/server/api/past/past_crew.h"
#include "tools/server/api/past/past_render.h"

namespace muster {
namespace {

/// Of the device itself; what else can change its target is of its fleet.
constexpr std::array<std::string_view, 7> own_kinds{
    "DeviceRegistered",  "DeviceMoved",       "DevicePinned", "DeviceTrackingFleet",
    "DeviceDeactivated", "DeviceReactivated", "DeviceDeleted"};

std::optional<ReleaseId> target_id(PastRows& rows, const Device* device) {
  const Release* release = past_target(rows, device);
  return release == nullptr ? std::nullopt : std::optional(release->id);
}

}  // namespace

TargetDiff::TargetDiff(const Reader& reader, const EventFetch& events, std::vector<FleetId> fleets,
                       Sequence from, Sequence to)
    : reader_(reader),
      history_(reader.snapshot()),
      fleets_(std::move(fleets)),
      from_(from),
      to_(to),
      before_(reader.snapshot(), events, from),
      after_(reader.snapshot(), events, to) {}

Result<void> TargetDiff::prepare() {
  return before_.everything().and_then([this] { return after_.everything(); });
}

/// True if the target of the fleet as a whole changed in between.
bool TargetDiff::is_moved(FleetId fleet) const {
  bool moved = false;
  history_.each(stream_of(fleet), next(from_), [&](const HistoryEntry& entry) {
    if (entry.sequence > to_) return false;
    moved = entry.kind == "FleetTargetChanged" || entry.kind == "FleetDeleted";
    return !moved;
  });
  return moved;
}

/// Those of whose own something changed in between.
void TargetDiff::add_crew(FleetId fleet, std::vector<DeviceId>& devices) const {
  history_.each(crew_of(fleet), next(from_), [&](const HistoryEntry& entry) {
    if (entry.sequence <= to_) devices.push_back(entry.device);
    return entry.sequence < to_;
  });
}

std::vector<DeviceId> TargetDiff::candidates() const {
  std::vector<FleetId> moved;
  std::vector<DeviceId> devices;
  for (const FleetId fleet : fleets_) {
    add_crew(fleet, devices);
    if (is_moved(fleet)) moved.push_back(fleet);
  }
  const auto crew = possible_crew(reader_, moved, from_);
  devices.insert(devices.end(), crew.begin(), crew.end());
  std::ranges::sort(devices);
  const auto doubles = std::ranges::unique(devices);
  devices.erase(doubles.begin(), doubles.end());
  return devices;
}

const Device* TargetDiff::seen(PastRows& rows, DeviceId id) const {
  const Device* device = rows.find(id);
  const bool there = device != nullptr && std::ranges::binary_search(fleets_, device->fleet);
  return there ? device : nullptr;
}

/// The last event of the device itself, of those that are seen: where it left, the leaving.
Sequence TargetDiff::own_cause_of(DeviceId id) const {
  Sequence cause;
  history_.each_back(stream_of(id), to_, [&](const HistoryEntry& entry) {
    const bool is_own = std::ranges::find(own_kinds, entry.kind) != own_kinds.end();
    const bool there = std::ranges::binary_search(fleets_, entry.fleet);
    if (there && cause != Sequence{}) return false;
    const bool counts = there ? is_own : entry.kind == "DeviceMoved";
    if (counts) cause = entry.sequence;
    return !(there && is_own);
  });
  return cause;
}

/// The last event of the device itself or of its fleet.
Sequence TargetDiff::cause_of(DeviceId id) {
  const Sequence own = own_cause_of(id);
  const Device* device = seen(after_.rows(), id);
  if (device == nullptr) return own;
  const Fleet& fleet = *after_.rows().find(device->fleet);
  const Sequence moved = device->pin ? Sequence{} : fleet.target_changed.sequence;
  return std::max({own, moved, fleet.deleted});
}

std::optional<TargetChange> TargetDiff::change_of(DeviceId id) {
  const Device* was = seen(before_.rows(), id);
  const Device* is = seen(after_.rows(), id);
  if (was == nullptr && is == nullptr) return std::nullopt;
  TargetChange change{.device = id,
                      .fleet = is != nullptr ? is->fleet : was->fleet,
                      .from = target_id(before_.rows(), was),
                      .to = target_id(after_.rows(), is),
                      .by = {}};
  if (change.from == change.to) return std::nullopt;
  change.by = cause_of(id);
  return change;
}

std::vector<TargetChange> TargetDiff::changes(DeviceId after, std::size_t limit) {
  std::vector<TargetChange> found;
  const auto devices = candidates();
  for (auto id = std::ranges::upper_bound(devices, after);
       id != devices.end() && found.size() < limit; ++id) {
    if (auto change = change_of(*id)) found.push_back(*change);
  }
  return found;
}

}  // namespace muster
