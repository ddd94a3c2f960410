#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Commands about the log itself, device types, organisations, users and tokens; see command.h.

/// The first command of a log: who it is and its first administrator.
struct Initialise {
  Uuid log;
  std::uint64_t epoch = 0;
  std::string username;
  std::string token_name;
  Digest secret_hash{};
};

struct AcceptClock {
  Timestamp last_event;
  Timestamp wall;
};

struct AddDeviceType {
  std::string slug;
  std::string name;
  std::string architecture;
  bool os_update_supported = false;
};

struct CreateOrganisation {
  std::string handle;
  std::string name;  // Empty: the handle.
};

struct SetOrganisationMember {
  std::string organisation;  // Its handle.
  std::string username;
  OrganisationRole role = OrganisationRole::member;
};

struct RemoveOrganisationMember {
  std::string organisation;
  std::string username;
};

struct CreateUser {
  std::string username;
  std::vector<InstanceRole> instance_roles;
};

struct SetUserEnabled {
  std::string username;
  bool enabled = true;
};

/// Destroys what is personal of a user, for good.
struct EraseUser {
  std::string username;
  UserId id;  // Muster itself, which knows no names of the erased, says which user by number.
};

struct IssueToken {
  std::string username;  // Empty: of the one who asks.
  std::string name;
  Digest secret_hash{};
  std::optional<Role> role_limit;
  std::optional<Timestamp> expires_at;
};

struct RevokeToken {
  TokenId id;
};

}  // namespace muster
