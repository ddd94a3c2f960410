#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Facts about the log itself, device types, organisations, users and tokens.

/// The first event of every log: who it is.
struct LogCreated {
  Uuid log;
  std::uint64_t epoch = 0;
};

/// An administrator accepted a wall clock far ahead of the last event.
struct ClockAccepted {
  Timestamp last_event;
  Timestamp wall;
};

struct DeviceTypeAdded {
  DeviceTypeId id;
  std::string slug;
  std::string name;
  std::string architecture;
  bool os_update_supported = false;
};

struct OrganisationCreated {
  OrganisationId id;
  std::string handle;
  std::string name;
  UserId administrator;  // Its first one.
};

struct OrganisationMemberSet {
  OrganisationId organisation;
  UserId user;
  OrganisationRole role = OrganisationRole::member;
};

struct OrganisationMemberRemoved {
  OrganisationId organisation;
  UserId user;
};

struct UserCreated {
  UserId id;
  std::string username;             // Personal: sealed with the key of this user.
  std::uint8_t instance_roles = 0;  // Bits of InstanceRole.
};

struct UserDisabled {
  UserId id;
};

struct UserEnabled {
  UserId id;
};

struct TokenIssued {
  TokenId id;
  UserId user;
  std::string name;
  Digest secret_hash{};  // SHA-256 of the token; the token itself is never stored.
  std::optional<Role> role_limit;
  std::optional<Timestamp> expires_at;
};

struct TokenRevoked {
  TokenId id;
};

}  // namespace muster
