#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "core/domain/reach.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Facts about fleets and releases.

struct FleetCreated {
  FleetId id;
  Uuid uuid;
  OrganisationId organisation;
  std::string name;
  std::string slug;
  DeviceTypeId device_type;
  FleetType type = FleetType::microservices;
};

struct FleetMemberSet {
  FleetId fleet;
  UserId user;
  Role role = Role::observer;
};

struct FleetMemberRemoved {
  FleetId fleet;
  UserId user;
};

/// A key with which devices may register themselves in the fleet, as often and as long as it says.
struct ProvisioningKeyIssued {
  ProvisioningKeyId id;
  FleetId fleet;
  std::string name;
  Digest secret_hash{};  // SHA-256 of the key; the key itself is never stored.
  std::uint32_t uses = 0;
  Timestamp expires_at;
};

struct ProvisioningKeyRevoked {
  ProvisioningKeyId id;
};

struct FleetPinned {
  FleetId fleet;
  ReleaseId release;
  Reach reach;
};

struct FleetTrackingLatest {
  FleetId fleet;
  Reach reach;
};

/// Why a fleet's target moved.
enum class TargetCause : std::uint8_t {
  fleet_pinned = 1,
  fleet_tracking_latest = 2,
  release_eligible = 3,    // A release became eligible and is the latest.
  release_ineligible = 4,  // The target was invalidated; the next eligible one took its place.
};

struct FleetTargetChanged {
  FleetId fleet;
  std::optional<ReleaseId> from;
  ReleaseId to;
  TargetCause cause = TargetCause::fleet_pinned;
};

struct ReleaseCreated {
  ReleaseId id;
  FleetId fleet;
  std::string commit;
  std::string semver;
  std::optional<std::uint32_t> revision;  // None while it is a draft.
  ReleaseStatus status = ReleaseStatus::running;
  std::string note;      // Personal: sealed with the key of its author.
  std::string manifest;  // JSON text; empty: none.
};

struct ReleaseFinished {
  ReleaseId id;
  ReleaseStatus status = ReleaseStatus::success;
  std::string manifest;  // Given with the result; empty: the one it has stays.
};

struct ReleaseFinalized {
  ReleaseId id;
  std::uint32_t revision = 0;
};

struct ReleaseInvalidated {
  ReleaseId id;
  std::string reason;
};

struct ReleaseValidated {
  ReleaseId id;
};

struct ReleaseDeleted {
  ReleaseId id;
};

}  // namespace muster
