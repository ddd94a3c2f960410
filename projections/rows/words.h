#pragma once

#include "core/domain/vocabulary.h"

// The closed sets of words, for telling damage when reading rows.

namespace muster {

template <typename T>
struct Words {
  T first;
  T last;
};
constexpr Words<Role> words_of(Role) { return {Role::observer, Role::administrator}; }
constexpr Words<OrganisationRole> words_of(OrganisationRole) {
  return {OrganisationRole::member, OrganisationRole::administrator};
}
constexpr Words<FleetType> words_of(FleetType) { return {FleetType::starter, FleetType::legacy}; }
constexpr Words<FleetPolicy> words_of(FleetPolicy) {
  return {FleetPolicy::track_latest, FleetPolicy::pinned};
}
constexpr Words<ReleaseStatus> words_of(ReleaseStatus) {
  return {ReleaseStatus::running, ReleaseStatus::cancelled};
}
constexpr Words<Lifecycle> words_of(Lifecycle) { return {Lifecycle::active, Lifecycle::deleted}; }
constexpr Words<OsVariant> words_of(OsVariant) {
  return {OsVariant::unknown, OsVariant::development};
}

constexpr Words<Encoding> words_of(Encoding) { return {Encoding::json, Encoding::flatbuffers}; }

constexpr Words<ActionKind> words_of(ActionKind) {
  return {ActionKind::restart, ActionKind::blink};
}
constexpr Words<ActionState> words_of(ActionState) {
  return {ActionState::queued, ActionState::skipped};
}
constexpr Words<EndCause> words_of(EndCause) {
  return {EndCause::answered, EndCause::type_changed};
}

}  // namespace muster
