#include <fmt/format.h>

#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"

// Keys with which devices register themselves. Who may register a device in a fleet may issue
// and revoke them.

namespace muster {
namespace {

tl::expected<void, Rejection> check_limits(const Context& context,
                                           const IssueProvisioningKey& command) {
  if (!is_username(command.name)) {
    return reject(RejectionCode::invalid_name, fmt::format("provisioning key `{}`", command.name),
                  fmt::format("its name must be {}", username_rule), "choose another name");
  }
  if (command.uses == 0 || command.uses > provisioning_uses_max) {
    return reject(RejectionCode::invalid_field, "uses",
                  fmt::format("a key is for 1 to {} devices", provisioning_uses_max),
                  "say how many devices are to register with it");
  }
  if (command.expires_at <= context.now ||
      command.expires_at > context.now + provisioning_time_max) {
    return reject(RejectionCode::invalid_field, "expires_at",
                  "a key ends in the future, at most 366 days from now", "give another time");
  }
  return {};
}

}  // namespace

Decision decide_one(const Context& context, const IssueProvisioningKey& command) {
  const auto fleet = find_fleet(context, command.fleet, Role::fleet_operator);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto valid = check_limits(context, command);
  if (!valid) return tl::unexpected(valid.error());
  return std::vector<Event>{ProvisioningKeyIssued{.id = context.state.next_provisioning_key(),
                                                  .fleet = (*fleet)->id,
                                                  .name = command.name,
                                                  .secret_hash = command.secret_hash,
                                                  .uses = command.uses,
                                                  .expires_at = command.expires_at}};
}

Decision decide_one(const Context& context, const RevokeProvisioningKey& command) {
  const auto fleet = find_fleet(context, command.fleet, Role::fleet_operator);
  if (!fleet) return tl::unexpected(fleet.error());
  const ProvisioningKey* key = context.state.find(command.id);
  const std::string entity = fmt::format("provisioning key {}", command.id.value());
  if (key == nullptr || key->fleet != (*fleet)->id) {
    return reject(
        RejectionCode::unknown_provisioning_key, entity,
        fmt::format("fleet {} has no such key", (*fleet)->slug),
        fmt::format("`muster fleet provisioning-key list {}` shows its keys", (*fleet)->slug));
  }
  const auto fresh = check_version(context, key->version, entity);
  if (!fresh) return tl::unexpected(fresh.error());
  if (key->revoked) return std::vector<Event>{};
  return std::vector<Event>{ProvisioningKeyRevoked{.id = key->id}};
}

}  // namespace muster
