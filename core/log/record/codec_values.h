#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "core/base/error.h"
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

template <typename Id>
std::vector<Id> ids(const flatbuffers::Vector<std::uint32_t>* values) {
  return values == nullptr ? std::vector<Id>() : std::vector<Id>(values->begin(), values->end());
}

inline std::optional<Timestamp> time(std::optional<std::int64_t> micros) {
  return micros ? std::optional(time(*micros)) : std::nullopt;
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
static_assert(ends_alike<Setting, wire::Setting>(Setting::local_mode));
static_assert(ends_alike<SettingSkip, wire::SettingSkip>(SettingSkip::not_development));
static_assert(ends_alike<GrantEnd, wire::GrantEnd>(GrantEnd::expired));
static_assert(ends_alike<ActionKind, wire::ActionKind>(ActionKind::blink));
static_assert(ends_alike<ActionState, wire::ActionState>(ActionState::skipped));
static_assert(ends_alike<EndCause, wire::EndCause>(EndCause::type_changed));
// NONE and one for each fact; their numbers may have gaps.
using WirePayloads = std::remove_reference_t<decltype(wire::EnumValuesPayload())>;
static_assert(std::extent_v<WirePayloads> == 1 + std::variant_size_v<AnyFact>);

/// What the readers of payloads have in common. What turns out not to be readable on the way is
/// kept in `problem`; the event is then not to be used.
class ValueReader {
 public:
  std::optional<Error> problem;

 protected:
  template <typename Domain, typename Wire>
  Domain known(Wire value, std::string_view what) {
    if constexpr (requires { Wire::none; }) {
      if (value == Wire::none) {
        problem = Error{ErrorCode::corrupt, fmt::format("it has no {}", what)};
      }
    }
    if (value > Wire::MAX) {
      problem = Error{ErrorCode::incompatible,
                      fmt::format("it has the {} {}, which a newer Muster knows: use that one",
                                  what, static_cast<int>(value))};
    }
    return static_cast<Domain>(value);
  }
};

}  // namespace muster::stored
