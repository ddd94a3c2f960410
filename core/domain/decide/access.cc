#include "core/domain/decide/access.h"

#include <algorithm>
#include <utility>

#include "core/domain/lifecycle/lives.h"
#include "core/domain/lifecycle/settings.h"

namespace muster {
namespace {

Rejection dead_token(std::string_view rule) {
  return Rejection{.code = RejectionCode::not_allowed,
                   .entity = "token",
                   .rule = std::string(rule),
                   .remedy = "ask an administrator for a new token"};
}

std::optional<OrganisationRole> role_of(const Asker& asker, const Organisation& organisation) {
  const auto member = std::ranges::find(organisation.members, asker.user,
                                        &std::pair<UserId, OrganisationRole>::first);
  return member == organisation.members.end() ? std::nullopt : std::optional(member->second);
}

}  // namespace

tl::expected<Asker, Rejection> asker_of(const User& user, const Token& token, Timestamp now) {
  if (!user.enabled) return tl::unexpected(dead_token("the token's user is disabled"));
  if (token.revoked) return tl::unexpected(dead_token("the token is revoked"));
  if (token.expires_at && *token.expires_at <= now) {
    return tl::unexpected(dead_token("the token has expired"));
  }
  Asker asker{
      .user = user.id, .role_limit = token.role_limit, .expires_at = token.expires_at, .now = now};
  if (!token.role_limit) asker.instance_roles = user.instance_roles;
  return asker;
}

tl::expected<void, Rejection> check_alive(const ProvisioningKey& key, Timestamp now) {
  const auto dead = [&](RejectionCode code, std::string rule) {
    return tl::unexpected(Rejection{.code = code,
                                    .entity = "provisioning key " + key.name,
                                    .rule = std::move(rule),
                                    .remedy = "ask an operator of the fleet for a new one"});
  };
  if (key.revoked) return dead(RejectionCode::provisioning_key_revoked, "it is revoked");
  if (key.expires_at <= now) {
    return dead(RejectionCode::provisioning_key_expired,
                "it expired at " + to_rfc3339(key.expires_at));
  }
  return {};
}

std::optional<Role> role_in(const Asker& asker, const Fleet& fleet,
                            const Organisation& organisation) {
  if (asker.user == UserId{}) return Role::administrator;
  std::optional<Role> role;
  if (role_of(asker, organisation) == OrganisationRole::administrator) {
    role = Role::administrator;
  } else {
    const auto member =
        std::ranges::find(fleet.members, asker.user, &std::pair<UserId, Role>::first);
    if (member != fleet.members.end()) role = member->second;
  }
  const bool supports = asker.has(InstanceRole::support) && has_support(fleet, asker.now);
  if (supports) role = std::max(role, std::optional(Role::fleet_operator));
  if (role && asker.role_limit) role = std::min(*role, *asker.role_limit);
  return role;
}

std::optional<Role> role_on(const Asker& asker, const Device& device, const Fleet& fleet,
                            const Organisation& organisation) {
  const Lifecycle lifecycle = lifecycle_of(device, fleet);
  if (lifecycle == Lifecycle::deleted) return std::nullopt;
  if (lifecycle == Lifecycle::orphaned) {
    return administers(asker, organisation) ? std::optional(Role::administrator) : std::nullopt;
  }
  const auto role = role_in(asker, fleet, organisation);
  const bool supports = asker.has(InstanceRole::support) && has_support(device, asker.now);
  return supports ? std::max(role, std::optional(Role::fleet_operator)) : role;
}

bool administers(const Asker& asker, const Organisation& organisation) {
  if (asker.user == UserId{}) return true;
  return role_of(asker, organisation) == OrganisationRole::administrator &&
         (!asker.role_limit || *asker.role_limit == Role::administrator);
}

bool belongs_to(const Asker& asker, const Organisation& organisation) {
  return asker.user == UserId{} || role_of(asker, organisation).has_value();
}

bool covers(const Asker& asker, std::optional<Role> role_limit,
            std::optional<Timestamp> expires_at) {
  const bool wider = asker.role_limit && (!role_limit || *role_limit > *asker.role_limit);
  const bool longer = asker.expires_at && (!expires_at || *expires_at > *asker.expires_at);
  return !wider && !longer;
}

}  // namespace muster
