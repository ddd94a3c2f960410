#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "core/base/clock.h"
#include "core/domain/decide/rejection.h"
#include "core/domain/entities.h"
#include "core/domain/event.h"

namespace muster {

/// Who asks, as far as rights go. Plain values, so that the writer (from its State) and readers
/// (from stored rows) use the same rules.
struct Asker {
  UserId user;                          // 0: Muster itself, which may do everything.
  std::uint8_t instance_roles = 0;      // Bits of InstanceRole, 0 with a limited token.
  std::optional<Role> role_limit;       // Of the token.
  std::optional<Timestamp> expires_at;  // Of the token.
  Timestamp now;                        // When it asks.

  [[nodiscard]] bool has(InstanceRole role) const noexcept {
    return user == UserId{} || (instance_roles & static_cast<std::uint8_t>(role)) != 0;
  }
};

/// The asker behind a token. Refused (not-allowed) if the user is disabled or the token is
/// revoked or expired at `now`.
tl::expected<Asker, Rejection> asker_of(const User& user, const Token& token, Timestamp now);

/// Whether a device may register itself with `key` at `now`, but for how often it was used.
/// Rejections: provisioning_key_revoked, provisioning_key_expired.
tl::expected<void, Rejection> check_alive(const ProvisioningKey& key, Timestamp now);

/// The asker's role in `fleet` of `organisation`; nullopt: the fleet is not there for this asker.
/// Who has the instance role support operates where access is granted. Also of a deleted fleet.
std::optional<Role> role_in(const Asker& asker, const Fleet& fleet,
                            const Organisation& organisation);

/// The same for a device of that fleet, access to which may be granted by itself. Orphaned ones are
/// there for their organisation's administrators only, deleted ones for nobody.
std::optional<Role> role_on(const Asker& asker, const Device& device, const Fleet& fleet,
                            const Organisation& organisation);

/// True if the asker is one of the organisation's administrators and its token does not limit it.
bool administers(const Asker& asker, const Organisation& organisation);

/// True if the asker is one of the organisation's members, in whatever role.
bool belongs_to(const Asker& asker, const Organisation& organisation);

/// True if a token with that limit and that end may no more, and lives no longer, than the one
/// the asker uses.
bool covers(const Asker& asker, std::optional<Role> role_limit,
            std::optional<Timestamp> expires_at);

}  // namespace muster
