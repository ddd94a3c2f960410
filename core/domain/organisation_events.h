#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

/// What a personal text reads as once its key is destroyed. No user can be called that.
inline constexpr std::string_view erased_text = "[erased]";

// Facts about the log itself, device types, organisations, users and tokens.

/// The first event of every log: who it is.
struct LogCreated {
  Uuid log;
  std::uint64_t epoch = 0;
};

/// The log goes on from a backup, in a new epoch: what stood behind this sequence before is gone.
struct LogRestored {
  std::uint64_t epoch = 0;     // Higher than every one before.
  std::uint64_t previous = 0;  // The epoch that ends here.
  Sequence known_end;          // The last event that is known to be gone; 0: none is known.
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

/// The key of what is personal of the user is destroyed: it reads as erased_text from now on.
struct UserErased {
  UserId id;
};

/// Notes that an erased user wrote. The events about one user may be several.
struct NotesErased {
  UserId user;
  std::vector<DeviceId> devices;
  std::vector<ReleaseId> releases;
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
