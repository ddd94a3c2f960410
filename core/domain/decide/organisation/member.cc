#include <fmt/format.h>

#include <algorithm>

#include "core/domain/decide/context.h"

namespace muster {
namespace {

template <typename AnyRole>
using Members = std::vector<std::pair<UserId, AnyRole>>;

template <typename AnyRole>
std::optional<AnyRole> role_of(const Members<AnyRole>& members, UserId user) {
  const auto member = std::ranges::find(members, user, &std::pair<UserId, AnyRole>::first);
  return member == members.end() ? std::nullopt : std::optional(member->second);
}

std::string entity_of(const Fleet& fleet) { return fmt::format("fleet {}", fleet.slug); }

std::string entity_of(const Organisation& organisation) {
  return fmt::format("organisation {}", organisation.handle);
}

/// The fleet whose members a command changes, allowed and as expected.
Found<Fleet> fleet_of_members(const Context& context, const std::string& slug) {
  auto fleet = find_fleet(context, slug, Role::administrator);
  if (!fleet) return fleet;
  const auto fresh = check_version(context, (*fleet)->version, entity_of(**fleet));
  if (!fresh) return tl::unexpected(fresh.error());
  return fleet;
}

/// The organisation whose members a command changes, allowed and as expected.
Found<Organisation> organisation_of_members(const Context& context, const std::string& handle) {
  auto organisation = find_organisation(context, handle);
  if (!organisation) return organisation;
  const bool allowed =
      administers(context.asker, **organisation) || context.asker.has(InstanceRole::administrator);
  if (!allowed) {
    return reject(RejectionCode::not_allowed, entity_of(**organisation),
                  "only its administrators change who belongs to an organisation",
                  "ask an administrator of the organisation");
  }
  const auto fresh = check_version(context, (*organisation)->version, entity_of(**organisation));
  if (!fresh) return tl::unexpected(fresh.error());
  return organisation;
}

/// The user that is to become one of `members`, or to change among them.
template <typename AnyRole>
Found<User> find_newcomer(const Context& context, const std::string& username,
                          const Members<AnyRole>& members, const std::string& entity) {
  auto user = find_user(context, username);
  if (!user) return user;
  if (members.size() >= members_max && !role_of(members, (*user)->id)) {
    return reject(RejectionCode::invalid_field, entity,
                  fmt::format("it has {} members already, the most there may be", members_max),
                  "remove some first");
  }
  return user;
}

/// Refuses what would leave an organisation without an administrator who can log in.
tl::expected<void, Rejection> check_not_last(const State& state, const Organisation& organisation,
                                             UserId leaving) {
  if (role_of(organisation.members, leaving) != OrganisationRole::administrator) return {};
  const bool another = std::ranges::any_of(organisation.members, [&](const auto& member) {
    return member.first != leaving && member.second == OrganisationRole::administrator &&
           state.find(member.first)->enabled;
  });
  if (another) return {};
  return reject(
      RejectionCode::last_administrator, entity_of(organisation),
      fmt::format("{} is its last administrator and cannot leave", state.find(leaving)->username),
      "make another administrator first");
}

}  // namespace

Decision decide_one(const Context& context, const SetOrganisationMember& command) {
  const auto found = organisation_of_members(context, command.organisation);
  if (!found) return tl::unexpected(found.error());
  const Organisation& organisation = **found;
  const auto user =
      find_newcomer(context, command.username, organisation.members, entity_of(organisation));
  if (!user) return tl::unexpected(user.error());
  if (role_of(organisation.members, (*user)->id) == command.role) return std::vector<Event>{};
  if (command.role != OrganisationRole::administrator) {
    const auto stays = check_not_last(context.state, organisation, (*user)->id);
    if (!stays) return tl::unexpected(stays.error());
  }
  return std::vector<Event>{OrganisationMemberSet{
      .organisation = organisation.id, .user = (*user)->id, .role = command.role}};
}

// Who is no member, or no user at all: either way there is nothing to remove, and no telling which.

Decision decide_one(const Context& context, const RemoveOrganisationMember& command) {
  const auto found = organisation_of_members(context, command.organisation);
  if (!found) return tl::unexpected(found.error());
  const Organisation& organisation = **found;
  const User* user = context.state.find_user(command.username);
  if (user == nullptr || !role_of(organisation.members, user->id)) return std::vector<Event>{};
  const auto stays = check_not_last(context.state, organisation, user->id);
  if (!stays) return tl::unexpected(stays.error());
  return std::vector<Event>{
      OrganisationMemberRemoved{.organisation = organisation.id, .user = user->id}};
}

Decision decide_one(const Context& context, const SetFleetMember& command) {
  const auto fleet = fleet_of_members(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto user = find_newcomer(context, command.username, (*fleet)->members, entity_of(**fleet));
  if (!user) return tl::unexpected(user.error());
  if (role_of((*fleet)->members, (*user)->id) == command.role) return std::vector<Event>{};
  return std::vector<Event>{
      FleetMemberSet{.fleet = (*fleet)->id, .user = (*user)->id, .role = command.role}};
}

Decision decide_one(const Context& context, const RemoveFleetMember& command) {
  const auto fleet = fleet_of_members(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  const User* user = context.state.find_user(command.username);
  if (user == nullptr || !role_of((*fleet)->members, user->id)) return std::vector<Event>{};
  return std::vector<Event>{FleetMemberRemoved{.fleet = (*fleet)->id, .user = user->id}};
}

}  // namespace muster
