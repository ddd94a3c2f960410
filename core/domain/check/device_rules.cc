#include "core/domain/check/rules.h"
#include "core/domain/lifecycle/lives.h"

namespace muster::check {
namespace {

/// A device that is not deleted.
Verdict check_device(const State& state, DeviceId id) {
  const Device* device = state.find(id);
  if (device == nullptr) return unknown("device", id);
  return device->lifecycle == Lifecycle::deleted ? not_possible("the device was deleted before")
                                                 : std::nullopt;
}

Verdict check_pin(const State& state, FleetId fleet, ReleaseId id) {
  const Release* release = state.find(id);
  if (release == nullptr) return unknown("release", id);
  if (release->fleet != fleet) return not_possible("the release is of another fleet");
  return release->pinnable() ? std::nullopt
                             : not_possible("the release was no success, or not valid any more");
}

/// The key with which a device registers itself is of that fleet, and good for one more.
Verdict check_key(const State& state, const DeviceRegistered& e) {
  if (!e.provisioning_key) return std::nullopt;
  const ProvisioningKey* key = state.find(*e.provisioning_key);
  if (key == nullptr) return unknown("provisioning key", *e.provisioning_key);
  const bool good = key->fleet == e.fleet && !key->revoked && key->used < key->uses;
  return good ? std::nullopt : not_possible("its provisioning key was of no use for that");
}

/// Nobody has the uuid, or nobody any more.
Verdict check_uuid(const State& state, const DeviceRegistered& e) {
  const Device* holder = state.find_device(e.uuid);
  if (holder == nullptr) return e.previous ? wrong_before("the holder of the uuid") : std::nullopt;
  if (e.previous != holder->id) return wrong_before("the holder of the uuid");
  const Lifecycle life = lifecycle_of(*holder, *state.find(holder->fleet));
  const bool gone = life == Lifecycle::deleted || life == Lifecycle::orphaned;
  return gone ? std::nullopt : name_taken("device", to_string(e.uuid));
}

}  // namespace

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceRegistered& e) {
  if (auto wrong = check_next("device", e.id, state.next_device())) return wrong;
  const Fleet* fleet = state.find(e.fleet);
  if (fleet == nullptr) return unknown("fleet", e.fleet);
  if (state.find(e.device_type) == nullptr) return unknown("device type", e.device_type);
  if (auto wrong = check_key(state, e)) return wrong;
  if (fleet->is_deleted()) return not_possible("the fleet was deleted before");
  return check_uuid(state, e);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceRenamed& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceNoted& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceTagged& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DevicePinned& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  const Device& device = *state.find(e.id);
  if (auto wrong = check_pin(state, device.fleet, e.release)) return wrong;
  return device.pin == e.previous_pin ? std::nullopt : wrong_before("the pin");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceTrackingFleet& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  return state.find(e.id)->pin == e.previous_pin ? std::nullopt : wrong_before("the pin");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceMoved& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  for (const FleetId fleet : {e.from, e.to}) {
    if (state.find(fleet) == nullptr) return unknown("fleet", fleet);
  }
  if (e.pin) {
    if (auto wrong = check_pin(state, e.to, *e.pin)) return wrong;
  }
  if (e.previous_pin && state.find(*e.previous_pin) == nullptr) {
    return unknown("release", *e.previous_pin);
  }
  const Device& device = *state.find(e.id);
  if (device.fleet != e.from || e.from == e.to) return wrong_before("the fleet");
  if (device.pin != e.previous_pin) return wrong_before("the pin");
  return state.find(e.to)->is_deleted() ? not_possible("the fleet was deleted before")
                                        : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceKeyRotated& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  return state.find(e.id)->key_generation == e.previous ? std::nullopt
                                                        : wrong_before("its newest key");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceKeyRetired& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  const Device& device = *state.find(e.id);
  const bool newer = e.generation > device.key_minimum && e.generation <= device.key_generation;
  return newer ? std::nullopt : not_possible("no key was retired by that");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceRunningChanged& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceSoftwareChanged& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceBooted& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceEncodingChanged& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DevicePublicUrlSet& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceLockOverrideSet& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceLocalModeSet& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceSettingSkipped& e) {
  return state.find(e.id) == nullptr ? unknown("device", e.id) : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceSupportGranted& e) {
  return check_device(state, e.id);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceSupportEnded& e) {
  return state.find(e.id) == nullptr ? unknown("device", e.id) : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceTypeChanged& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  if (state.find(e.device_type) == nullptr) return unknown("device type", e.device_type);
  return state.find(e.id)->device_type == e.previous ? std::nullopt
                                                     : wrong_before("the device type");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceDeactivated& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  if (state.find(e.organisation) == nullptr) return unknown("organisation", e.organisation);
  return state.find(e.id)->lifecycle == Lifecycle::active
             ? std::nullopt
             : not_possible("the device was not active");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceReactivated& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  return state.find(e.id)->lifecycle == Lifecycle::deactivated
             ? std::nullopt
             : not_possible("the device was not deactivated");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceDeleted& e) {
  if (auto wrong = check_device(state, e.id)) return wrong;
  if (e.previous_pin && state.find(*e.previous_pin) == nullptr) {
    return unknown("release", *e.previous_pin);
  }
  return state.find(e.id)->pin == e.previous_pin ? std::nullopt : wrong_before("the pin");
}

}  // namespace muster::check
