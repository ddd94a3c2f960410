#include <algorithm>

#include "core/domain/check/rules.h"

namespace muster::check {
namespace {

/// A fleet that is there.
Verdict check_fleet(const State& state, FleetId id) {
  const Fleet* fleet = state.find(id);
  if (fleet == nullptr) return unknown("fleet", id);
  return fleet->is_deleted() ? not_possible("the fleet was deleted before") : std::nullopt;
}

Verdict check_slug(const State& state, FleetId id, const std::string& slug) {
  const Fleet* holder = state.find_fleet(slug);
  return holder == nullptr || holder->id == id ? std::nullopt : name_taken("fleet", slug);
}

/// A release that this fleet may be given.
Verdict check_release(const State& state, FleetId fleet, ReleaseId id) {
  const Release* release = state.find(id);
  if (release == nullptr) return unknown("release", id);
  if (release->fleet != fleet) return not_possible("the release is of another fleet");
  return release->pinnable() ? std::nullopt
                             : not_possible("the release was no success, or not valid any more");
}

}  // namespace

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetCreated& e) {
  if (auto wrong = check_next("fleet", e.id, state.next_fleet())) return wrong;
  if (state.find(e.organisation) == nullptr) return unknown("organisation", e.organisation);
  if (state.find(e.device_type) == nullptr) return unknown("device type", e.device_type);
  return check_slug(state, e.id, e.slug);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetMemberSet& e) {
  if (state.find(e.user) == nullptr) return unknown("user", e.user);
  return check_fleet(state, e.fleet);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetMemberRemoved& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  const auto& members = state.find(e.fleet)->members;
  const bool is_member =
      std::ranges::any_of(members, [&](const auto& member) { return member.first == e.user; });
  return is_member ? std::nullopt : not_possible("the user was no member");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetPinned& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  return check_release(state, e.fleet, e.release);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetTrackingLatest& e) {
  return check_fleet(state, e.fleet);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetTargetChanged& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  if (auto wrong = check_release(state, e.fleet, e.to)) return wrong;
  return state.find(e.fleet)->target == e.from ? std::nullopt
                                               : wrong_before("the target of the fleet");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetPublicUrlsSet& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  return state.find(e.fleet)->devices == e.devices ? std::nullopt
                                                   : wrong_before("the number of devices");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetSupportGranted& e) {
  return check_fleet(state, e.fleet);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetSupportEnded& e) {
  return state.find(e.fleet) == nullptr ? unknown("fleet", e.fleet) : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetTypeChanged& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  return state.find(e.fleet)->type == e.previous ? std::nullopt
                                                 : wrong_before("the type of the fleet");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetRenamed& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  if (state.find(e.fleet)->slug != e.previous_slug) return wrong_before("the slug of the fleet");
  return check_slug(state, e.fleet, e.slug);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetTransferred& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  if (auto wrong = check_fleet(state, e.placeholder)) return wrong;
  if (state.find(e.organisation) == nullptr) return unknown("organisation", e.organisation);
  const Fleet& fleet = *state.find(e.fleet);
  if (fleet.slug != e.previous_slug) return wrong_before("the slug of the fleet");
  if (fleet.organisation != e.previous_organisation) {
    return wrong_before("the organisation of the fleet");
  }
  return check_slug(state, e.placeholder, e.slug);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const FleetDeleted& e) {
  if (auto wrong = check_fleet(state, e.fleet)) return wrong;
  const Fleet& fleet = *state.find(e.fleet);
  return fleet.devices + fleet.deactivated_devices == e.devices
             ? std::nullopt
             : wrong_before("the number of devices");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ProvisioningKeyIssued& e) {
  if (auto wrong = check_next("provisioning key", e.id, state.next_provisioning_key())) {
    return wrong;
  }
  return check_fleet(state, e.fleet);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ProvisioningKeyRevoked& e) {
  const ProvisioningKey* key = state.find(e.id);
  if (key == nullptr) return unknown("provisioning key", e.id);
  return key->revoked ? not_possible("the key was revoked already") : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const SavedViewCreated& e) {
  if (auto wrong = check_next("saved view", e.id, state.next_saved_view())) return wrong;
  if (state.find(e.owner) == nullptr) return unknown("user", e.owner);
  return e.shared_with ? check_fleet(state, *e.shared_with) : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const SavedViewRemoved& e) {
  const SavedView* view = state.find(e.id);
  if (view == nullptr) return unknown("saved view", e.id);
  return view->removed ? not_possible("the view was removed already") : std::nullopt;
}

// --- Releases ---

namespace {

/// A release that is not deleted.
Verdict check_there(const State& state, ReleaseId id) {
  const Release* release = state.find(id);
  if (release == nullptr) return unknown("release", id);
  return release->deleted ? not_possible("the release was deleted before") : std::nullopt;
}

}  // namespace

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseCreated& e) {
  if (auto wrong = check_next("release", e.id, state.next_release())) return wrong;
  return check_fleet(state, e.fleet);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseFinished& e) {
  if (auto wrong = check_there(state, e.id)) return wrong;
  return state.find(e.id)->status == ReleaseStatus::running
             ? std::nullopt
             : not_possible("the release was finished already");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseFinalized& e) {
  if (auto wrong = check_there(state, e.id)) return wrong;
  return state.find(e.id)->draft() ? std::nullopt : not_possible("the release was no draft");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseInvalidated& e) {
  if (auto wrong = check_there(state, e.id)) return wrong;
  return state.find(e.id)->invalidated ? not_possible("the release was not valid already")
                                       : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseValidated& e) {
  if (auto wrong = check_there(state, e.id)) return wrong;
  return state.find(e.id)->invalidated ? std::nullopt : not_possible("the release was valid");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const ReleaseDeleted& e) {
  if (auto wrong = check_there(state, e.id)) return wrong;
  const Release& release = *state.find(e.id);
  const bool held =
      release.pinned_devices > 0 || state.find(release.fleet)->target == std::optional(e.id);
  return held ? not_possible("something was to run the release") : std::nullopt;
}

}  // namespace muster::check
