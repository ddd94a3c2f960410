#include <algorithm>

#include "core/domain/check/rules.h"

namespace muster::check {
namespace {

Verdict check_user(const State& state, UserId id) {
  return state.find(id) == nullptr ? unknown("user", id) : std::nullopt;
}

Verdict check_organisation(const State& state, OrganisationId id) {
  return state.find(id) == nullptr ? unknown("organisation", id) : std::nullopt;
}

}  // namespace

Verdict check(const State& /*state*/, const Recorded& recorded, const LogCreated& /*e*/) {
  if (recorded.sequence == Sequence{1}) return std::nullopt;
  return not_possible("a log is created once, by its first event");
}

Verdict check(const State& /*state*/, const Recorded& recorded, const LogRestored& e) {
  if (recorded.sequence == Sequence{1}) {
    return not_possible("a log is created before it is restored");
  }
  if (e.epoch <= e.previous) return not_possible("a restored log is in a higher epoch than before");
  const bool gone = e.known_end == Sequence{} || e.known_end >= recorded.sequence;
  return gone ? std::nullopt : not_possible("what it says is gone is there");
}

Verdict check(const State& /*state*/, const Recorded& /*recorded*/, const ClockAccepted& e) {
  return e.wall < e.last_event ? not_possible("the accepted clock is behind the last event")
                               : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const DeviceTypeAdded& e) {
  if (auto wrong = check_next("device type", e.id, state.next_device_type())) return wrong;
  return state.find_device_type(e.slug) != nullptr ? name_taken("device type", e.slug)
                                                   : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const OrganisationCreated& e) {
  if (auto wrong = check_next("organisation", e.id, state.next_organisation())) return wrong;
  if (auto wrong = check_user(state, e.administrator)) return wrong;
  return state.find_organisation(e.handle) != nullptr ? name_taken("organisation", e.handle)
                                                      : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const OrganisationMemberSet& e) {
  if (auto wrong = check_organisation(state, e.organisation)) return wrong;
  return check_user(state, e.user);
}

Verdict check(const State& state, const Recorded& /*recorded*/,
              const OrganisationMemberRemoved& e) {
  if (auto wrong = check_organisation(state, e.organisation)) return wrong;
  const auto& members = state.find(e.organisation)->members;
  const bool is_member =
      std::ranges::any_of(members, [&](const auto& member) { return member.first == e.user; });
  return is_member ? std::nullopt : not_possible("the user was no member");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const OrganisationBillingSet& e) {
  return check_organisation(state, e.organisation);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const UserCreated& e) {
  if (auto wrong = check_next("user", e.id, state.next_user())) return wrong;
  if (e.username == erased_text) return std::nullopt;
  return state.find_user(e.username) != nullptr ? name_taken("user", e.username) : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const UserDisabled& e) {
  if (auto wrong = check_user(state, e.id)) return wrong;
  return state.find(e.id)->enabled ? std::nullopt : not_possible("the user was disabled already");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const UserEnabled& e) {
  if (auto wrong = check_user(state, e.id)) return wrong;
  if (state.find(e.id)->erased) return not_possible("the user was erased");
  return state.find(e.id)->enabled ? not_possible("the user was not disabled") : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const UserErased& e) {
  if (auto wrong = check_user(state, e.id)) return wrong;
  return state.find(e.id)->erased ? not_possible("the user was erased already") : std::nullopt;
}

Verdict check(const State& state, const Recorded& /*recorded*/, const NotesErased& e) {
  if (auto wrong = check_user(state, e.user)) return wrong;
  for (const DeviceId device : e.devices) {
    if (state.find(device) == nullptr) return unknown("device", device);
  }
  for (const ReleaseId release : e.releases) {
    if (state.find(release) == nullptr) return unknown("release", release);
  }
  return state.find(e.user)->erased ? std::nullopt : not_possible("the user was not erased");
}

Verdict check(const State& state, const Recorded& /*recorded*/, const TokenIssued& e) {
  if (auto wrong = check_next("token", e.id, state.next_token())) return wrong;
  return check_user(state, e.user);
}

Verdict check(const State& state, const Recorded& /*recorded*/, const TokenRevoked& e) {
  const Token* token = state.find(e.id);
  if (token == nullptr) return unknown("token", e.id);
  return token->revoked ? not_possible("the token was revoked already") : std::nullopt;
}

}  // namespace muster::check
