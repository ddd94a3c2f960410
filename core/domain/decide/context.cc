#include "core/domain/decide/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/domain/decide/names.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/lifecycle/lives.h"

namespace muster {
namespace {

/// Those of `ids` that are releases of that fleet and not deleted.
std::vector<const Release*> living_releases(const State& state, FleetId fleet,
                                            const std::vector<ReleaseId>& ids) {
  std::vector<const Release*> releases;
  for (const ReleaseId id : ids) {
    const Release* release = state.find(id);
    if (!release->deleted && release->fleet == fleet) releases.push_back(release);
  }
  return releases;
}

/// Another fleet's release that `name` means by its commit or id, if the asker may see it.
const Release* find_elsewhere(const Context& context, FleetId fleet, std::string_view name) {
  const auto id = release_id_of(name);
  for (const Release& release : context.state.releases()) {
    const bool named = release.commit == name || (id && release.id == *id);
    if (!named || release.deleted || release.fleet == fleet) continue;
    const Fleet* other = context.state.find(release.fleet);
    if (other->is_deleted()) continue;
    const Organisation* organisation = context.state.find(other->organisation);
    if (role_in(context.asker, *other, *organisation)) return &release;
  }
  return nullptr;
}

tl::unexpected<Rejection> role_too_low(const Fleet& fleet, Role needed, Role role) {
  return reject(
      RejectionCode::not_allowed, fmt::format("fleet {}", fleet.slug),
      fmt::format("this needs the role {}; yours is {}", to_string(needed), to_string(role)),
      "ask an administrator of the fleet");
}

}  // namespace

tl::unexpected<Rejection> reject(RejectionCode code, std::string entity, std::string rule,
                                 std::string remedy) {
  return tl::unexpected(Rejection{.code = code,
                                  .entity = std::move(entity),
                                  .rule = std::move(rule),
                                  .remedy = std::move(remedy)});
}

Found<Fleet> allow_fleet(const Context& context, FleetId id, Role needed) {
  const Fleet* fleet = context.state.find(id);
  MUSTER_ASSERT(fleet != nullptr, "a fleet that rows name exists");
  const auto role = role_in(context.asker, *fleet, *context.state.find(fleet->organisation));
  if (!role || fleet->is_deleted()) return nullptr;
  if (*role >= needed) return fleet;
  return role_too_low(*fleet, needed, *role);
}

Found<Fleet> find_fleet(const Context& context, std::string_view slug, Role needed) {
  const Fleet* named = context.state.find_fleet(to_lower(slug));
  auto fleet = named == nullptr ? Found<Fleet>(nullptr) : allow_fleet(context, named->id, needed);
  if (!fleet || *fleet != nullptr) return fleet;
  return reject(RejectionCode::unknown_fleet, fmt::format("fleet {}", slug),
                "there is no such fleet, or you may not see it",
                "`muster fleet list` shows your fleets; a slug is organisation/name");
}

Found<Device> allow_device(const Context& context, const Device& device, Role needed,
                           Orphans orphans) {
  const Fleet& fleet = *context.state.find(device.fleet);
  const auto role = role_on(context.asker, device, fleet, *context.state.find(fleet.organisation));
  if (!role) return nullptr;
  if (*role < needed) return role_too_low(fleet, needed, *role);
  const bool orphaned = lifecycle_of(device, fleet) == Lifecycle::orphaned;
  if (orphaned && orphans == Orphans::refused) {
    return reject(RejectionCode::device_orphaned, fmt::format("device {}", to_string(device.uuid)),
                  fmt::format("its fleet {} was deleted, and it is orphaned", fleet.slug),
                  "register its uuid again, or delete it");
  }
  return &device;
}

Found<Device> find_device(const Context& context, std::string_view uuid, Role needed,
                          Orphans orphans) {
  const auto parsed = parse_uuid(uuid);
  if (!parsed) {
    return reject(RejectionCode::invalid_uuid, fmt::format("device {}", uuid),
                  "a device's uuid is 32 hexadecimal digits, lower case",
                  "copy it from `muster device list`");
  }
  const Device* device = context.state.find_device(*parsed);
  auto allowed =
      device == nullptr ? Found<Device>(nullptr) : allow_device(context, *device, needed, orphans);
  if (!allowed || *allowed != nullptr) return allowed;
  return reject(RejectionCode::unknown_device, fmt::format("device {}", uuid),
                "there is no such device, or you may not see it",
                "`muster device list` shows your devices");
}

Found<Release> find_release(const Context& context, const Fleet& fleet, std::string_view name,
                            ReleaseUse use) {
  // A whole commit goes before all other names: with one that fits, a fleet of many releases need
  // not be looked through.
  const State& state = context.state;
  auto found =
      resolve_release(living_releases(state, fleet.id, state.releases_at(name)), name, use);
  if (found && is_candidate(**found, use)) return found;
  found = resolve_release(living_releases(state, fleet.id, state.releases_of(fleet.id)), name, use);
  if (found || found.error().code != RejectionCode::unknown_release) return found;
  const Release* other = find_elsewhere(context, fleet.id, name);
  if (other == nullptr) {
    found.error().entity = fmt::format("release {} of fleet {}", name, fleet.slug);
    return found;
  }
  const Fleet* owner = context.state.find(other->fleet);
  return reject(RejectionCode::release_of_other_fleet, describe(*other),
                fmt::format("it belongs to fleet {}, not to {}", owner->slug, fleet.slug),
                fmt::format("`muster release list {}` shows what fits", fleet.slug));
}

Found<Organisation> find_organisation(const Context& context, std::string_view handle) {
  const Organisation* organisation = context.state.find_organisation(to_lower(handle));
  const auto in_fleet_of = [&](const Fleet& fleet) {
    return fleet.organisation == organisation->id && !fleet.is_deleted() &&
           role_in(context.asker, fleet, *organisation).has_value();
  };
  const bool visible =
      organisation != nullptr &&
      (belongs_to(context.asker, *organisation) || context.asker.has(InstanceRole::administrator) ||
       std::ranges::any_of(context.state.fleets(), in_fleet_of));
  if (!visible) {
    return reject(RejectionCode::unknown_organisation, fmt::format("organisation {}", handle),
                  "there is no such organisation, or you may not see it",
                  "`muster org list` shows your organisations");
  }
  return organisation;
}

Found<User> find_user(const Context& context, std::string_view username) {
  const User* user = context.state.find_user(username);
  if (user == nullptr) {
    return reject(RejectionCode::unknown_user, fmt::format("user {}", username),
                  "there is no such user", "`muster user list` shows the users");
  }
  return user;
}

tl::expected<void, Rejection> require(const Context& context, InstanceRole role) {
  if (context.asker.has(role)) return {};
  return reject(RejectionCode::not_allowed, "this installation",
                fmt::format("this needs the instance role {}", to_string(role)),
                "ask an instance administrator");
}

tl::expected<void, Rejection> check_version(const Context& context, Sequence version,
                                            std::string_view entity) {
  const auto& expected = context.command.expect_version;
  if (!expected || *expected == version) return {};
  return reject(RejectionCode::stale_version, std::string(entity),
                fmt::format("it is at version {}, not {}", version.value(), expected->value()),
                "look at it again and repeat the command with the version it has now");
}

tl::expected<void, Rejection> check_count(const Context& context, std::uint64_t count) {
  const auto& expected = context.command.expect_count;
  if (!expected || *expected == count) return {};
  return reject(
      RejectionCode::count_mismatch, fmt::format("{} devices", count),
      fmt::format("the command concerns {} devices, not the {} expected", count, *expected),
      "check the selection, or give the right number");
}

std::optional<ReleaseId> latest_eligible(const State& state, FleetId fleet, ReleaseId changed,
                                         bool changed_eligible) {
  // Ids are given in the order of creation, so the newest one is the last.
  const auto& releases = state.releases_of(fleet);
  std::optional<ReleaseId> latest;
  for (auto id = releases.rbegin(); id != releases.rend() && !latest; ++id) {
    if (*id != changed && state.find(*id)->eligible()) latest = *id;
  }
  if (changed_eligible && (!latest || changed > *latest)) latest = changed;
  return latest;
}

void retarget(std::vector<Event>& events, const Fleet& fleet, ReleaseId to, TargetCause cause) {
  if (fleet.target == to) return;
  events.emplace_back(
      FleetTargetChanged{.fleet = fleet.id, .from = fleet.target, .to = to, .cause = cause});
}

}  // namespace muster
