#include "tests/core/domain/naive_model.h"

#include <fmt/format.h>

namespace muster::test {
namespace {

template <typename T>
const T* as(const Event& event) {
  return std::get_if<T>(&event);
}

}  // namespace

void NaiveModel::take(std::uint64_t sequence, const Event& event) {
  if (const auto* fleet = as<FleetCreated>(event)) fleets[fleet->id.value()] = {};
  if (const auto* e = as<FleetPinned>(event)) {
    fleets[e->fleet.value()].pinned = true;
    fleets[e->fleet.value()].target = e->release.value();
  }
  if (const auto* e = as<FleetTrackingLatest>(event)) fleets[e->fleet.value()].pinned = false;
  if (const auto* e = as<FleetTargetChanged>(event)) fleets[e->fleet.value()].told = e->to.value();
  if (const auto* e = as<ReleaseCreated>(event)) {
    releases[e->id.value()] = {.fleet = e->fleet.value(),
                               .commit = e->commit,
                               .semver = e->semver,
                               .manifest = e->manifest,
                               .revision = e->revision,
                               .success = e->status == ReleaseStatus::success,
                               .created = sequence};
  }
  if (const auto* e = as<ReleaseFinished>(event)) {
    ReleaseFacts& release = releases[e->id.value()];
    release.success = e->status == ReleaseStatus::success;
    if (!e->manifest.empty()) release.manifest = e->manifest;
  }
  if (const auto* e = as<ReleaseFinalized>(event)) releases[e->id.value()].revision = e->revision;
  if (const auto* e = as<ReleaseInvalidated>(event)) releases[e->id.value()].invalidated = true;
  if (const auto* e = as<ReleaseValidated>(event)) releases[e->id.value()].invalidated = false;
  if (const auto* e = as<ReleaseDeleted>(event)) releases[e->id.value()].deleted = true;
  if (const auto* e = as<DeviceRegistered>(event)) {
    devices[e->id.value()] = {.fleet = e->fleet.value()};
  }
  if (const auto* e = as<DevicePinned>(event)) devices[e->id.value()].pin = e->release.value();
  if (const auto* e = as<DeviceTrackingFleet>(event)) devices[e->id.value()].pin = std::nullopt;
}

void NaiveModel::see(std::uint64_t sequence, const Event& event) {
  take(sequence, event);
  for (auto& [id, device] : devices) {
    std::string payload = payload_for(device);
    if (payload == device.payload) continue;
    device.payload = std::move(payload);
    device.seq = sequence;
  }
}

void NaiveModel::settle() {
  for (auto& [id, fleet] : fleets) {
    if (fleet.pinned) continue;
    const auto found = latest(id);
    if (found) fleet.target = found;
  }
}

std::optional<NaiveModel::Id> NaiveModel::latest(Id fleet) const {
  std::optional<Id> found;
  std::uint64_t newest = 0;
  for (const auto& [id, release] : releases) {
    const bool eligible =
        release.success && release.revision.has_value() && !release.invalidated && !release.deleted;
    if (release.fleet != fleet || !eligible || release.created < newest) continue;
    found = id;
    newest = release.created;
  }
  return found;
}

std::optional<NaiveModel::Id> NaiveModel::target_of(Id device) const {
  const DeviceFacts& facts = devices.at(device);
  return facts.pin ? facts.pin : fleets.at(facts.fleet).target;
}

std::string NaiveModel::payload_for(const DeviceFacts& device) const {
  const auto target = device.pin ? device.pin : fleets.at(device.fleet).told;
  const std::string policy = device.pin ? "pinned" : "tracking";
  if (!target) return fmt::format("fleet {} {} nothing", device.fleet, policy);
  const ReleaseFacts& release = releases.at(*target);
  return fmt::format("fleet {} {} {} {} {} {} {}", device.fleet, policy, *target, release.commit,
                     release.semver, release.revision ? "final" : "draft", release.manifest);
}

std::uint32_t NaiveModel::devices_in(Id fleet) const {
  std::uint32_t count = 0;
  for (const auto& [id, device] : devices) count += device.fleet == fleet ? 1 : 0;
  return count;
}

std::uint32_t NaiveModel::pinned_in(Id fleet) const {
  std::uint32_t count = 0;
  for (const auto& [id, device] : devices) count += device.fleet == fleet && device.pin ? 1 : 0;
  return count;
}

std::uint32_t NaiveModel::pinned_to(Id release) const {
  std::uint32_t count = 0;
  for (const auto& [id, device] : devices) count += device.pin == release ? 1 : 0;
  return count;
}

}  // namespace muster::test
