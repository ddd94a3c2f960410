#include "broker-bridge/target_messages.h"

#include "core/base/assert.h"

namespace muster {
namespace {

constexpr std::size_t payloads_max = 64;  // Of up to 16 KiB.
constexpr std::size_t rows_max = 1'000;   // Of fleets and of releases.

}  // namespace

void TargetMessages::read_from(const Reader& reader) {
  reader_ = &reader;
  const Sequence position = reader.position();
  const bool few = fleets_.size() < rows_max && releases_.size() < rows_max;
  if (position == position_ && few) return;
  position_ = position;
  fleets_.clear();
  releases_.clear();
}

std::optional<TargetedDevice> TargetMessages::find(DeviceId id) {
  MUSTER_ASSERT(reader_ != nullptr, "rows are read from a reader");
  return with_target(reader_->find(id));
}

std::vector<std::optional<TargetedDevice>> TargetMessages::find_all(std::span<const DeviceId> ids) {
  MUSTER_ASSERT(reader_ != nullptr, "rows are read from a reader");
  std::vector<std::optional<TargetedDevice>> targeted;
  targeted.reserve(ids.size());
  for (auto& device : reader_->find_all(ids)) targeted.push_back(with_target(std::move(device)));
  return targeted;
}

std::optional<TargetedDevice> TargetMessages::with_target(std::optional<Device> device) {
  if (!device) return std::nullopt;
  const Fleet* its_fleet = fleet(device->fleet);
  if (its_fleet == nullptr) return std::nullopt;
  const auto wanted = target_release(*device, *its_fleet);
  const Target target = target_of(*device, *its_fleet, wanted ? release(*wanted) : nullptr);
  return TargetedDevice{.device = std::move(*device), .fleet = its_fleet, .target = target};
}

const std::string& TargetMessages::payload(const TargetedDevice& targeted) {
  const Release* release = targeted.target.release;
  const Key key{.fleet = targeted.fleet->id,
                .release = release != nullptr ? release->id : ReleaseId{},
                .changed = targeted.target.changed.sequence,
                .after_action = targeted.target.after_action,
                .pinned = targeted.target.pinned,
                .settings = targeted.target.settings,
                .encoding = targeted.device.encoding};
  const auto known = payloads_.find(key);
  if (known != payloads_.end()) return known->second;
  if (payloads_.size() >= payloads_max) payloads_.clear();
  return payloads_
      .emplace(key, target_payload(identity_, *targeted.fleet, targeted.target, key.encoding))
      .first->second;
}

const Fleet* TargetMessages::fleet(FleetId id) {
  const auto [entry, added] = fleets_.try_emplace(id);
  if (added) entry->second = reader_->find(id);
  return entry->second ? &*entry->second : nullptr;
}

const Release* TargetMessages::release(ReleaseId id) {
  const auto [entry, added] = releases_.try_emplace(id);
  if (added) entry->second = reader_->find(id);
  return entry->second ? &*entry->second : nullptr;
}

}  // namespace muster
