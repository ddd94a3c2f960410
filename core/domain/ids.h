#pragma once

#include <cstdint>

#include "core/base/strong_id.h"

namespace muster {

/// Numeric ids are dense per kind from 1, given by an event, never reused.
using OrganisationId = StrongId<struct OrganisationIdTag, std::uint32_t>;
using UserId = StrongId<struct UserIdTag, std::uint32_t>;
using TokenId = StrongId<struct TokenIdTag, std::uint32_t>;
using DeviceTypeId = StrongId<struct DeviceTypeIdTag, std::uint32_t>;
using FleetId = StrongId<struct FleetIdTag, std::uint32_t>;
using ReleaseId = StrongId<struct ReleaseIdTag, std::uint32_t>;
using SavedViewId = StrongId<struct SavedViewIdTag, std::uint32_t>;
using DeviceId = StrongId<struct DeviceIdTag, std::uint32_t>;
using ProvisioningKeyId = StrongId<struct ProvisioningKeyIdTag, std::uint32_t>;

/// Place of an event in the log: from 1, in commit order, without gaps, below 2^53.
/// 0 means "before the first event".
using Sequence = StrongId<struct SequenceTag, std::uint64_t>;

}  // namespace muster
