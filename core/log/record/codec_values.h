#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "core/domain/event.h"
#include "schemas/event_generated.h"

// Stored values as the domain has them, for the reading half of RecordCodec.
namespace muster::stored {

/// An absent text is the empty one.
inline std::string text(const flatbuffers::String* value) {
  return value == nullptr ? std::string() : value->str();
}

/// The bytes of a stored Uuid, Ulid, Digest or Nonce.
template <typename Bytes, typename Struct>
Bytes bytes(const Struct* value) {
  Bytes copy{};
  std::copy_n(value->bytes()->Data(), copy.size(), copy.begin());
  return copy;
}

inline Uuid uuid(const wire::Uuid* value) { return Uuid{bytes<decltype(Uuid::bytes)>(value)}; }

inline Timestamp time(std::int64_t micros) { return Timestamp(std::chrono::microseconds(micros)); }

template <typename Id>
std::optional<Id> id(std::optional<std::uint32_t> value) {
  return value ? std::optional(Id(*value)) : std::nullopt;
}

template <typename Domain, typename Wire>
constexpr bool ends_alike(Domain last) {
  return static_cast<std::underlying_type_t<Domain>>(last) ==
         static_cast<std::underlying_type_t<Wire>>(Wire::MAX);
}
// A new value of the domain needs its place in the schema, and the other way round.
static_assert(ends_alike<EntityKind, wire::EntityKind>(EntityKind::provisioning_key));
static_assert(ends_alike<Role, wire::Role>(Role::administrator));
static_assert(
    ends_alike<OrganisationRole, wire::OrganisationRole>(OrganisationRole::administrator));
static_assert(ends_alike<FleetType, wire::FleetType>(FleetType::legacy));
static_assert(ends_alike<ReleaseStatus, wire::ReleaseStatus>(ReleaseStatus::cancelled));
static_assert(ends_alike<OsVariant, wire::OsVariant>(OsVariant::development));
static_assert(ends_alike<TargetCause, wire::TargetCause>(TargetCause::release_ineligible));
static_assert(ends_alike<Encoding, wire::Encoding>(Encoding::flatbuffers));
// NONE and one for each fact; their numbers may have gaps.
using WirePayloads = std::remove_reference_t<decltype(wire::EnumValuesPayload())>;
static_assert(std::extent_v<WirePayloads> == 1 + std::variant_size_v<Event>);

}  // namespace muster::stored
