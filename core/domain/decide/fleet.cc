#include <fmt/format.h>

#include <algorithm>

#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"
#include "core/domain/decide/release_name.h"

namespace muster {
namespace {

Reach reach_of(const Fleet& fleet) {
  return Reach{.following = fleet.devices - fleet.pinned_devices, .pinned = fleet.pinned_devices};
}

std::string entity_of(const Fleet& fleet) { return fmt::format("fleet {}", fleet.slug); }

/// The fleet a policy command is about, with all its checks that do not need the release.
Found<Fleet> fleet_for_policy(const Context& context, const std::string& slug) {
  auto fleet = find_fleet(context, slug, Role::developer);
  if (!fleet) return fleet;
  const auto fresh = check_version(context, (*fleet)->version, entity_of(**fleet));
  if (!fresh) return tl::unexpected(fresh.error());
  const auto counted = check_count(context, reach_of(**fleet).following);
  if (!counted) return tl::unexpected(counted.error());
  return fleet;
}

}  // namespace

Decision decide_one(const Context& context, const CreateFleet& command) {
  const auto parts = split_slug(command.slug);
  if (!parts || !is_name(parts->name)) {
    return reject(RejectionCode::invalid_name, fmt::format("fleet `{}`", command.slug),
                  fmt::format("a slug is organisation/name, the name {}", name_rule),
                  "choose another name");
  }
  const auto organisation = find_organisation(context, parts->organisation);
  if (!organisation) return tl::unexpected(organisation.error());
  if (!administers(context.asker, **organisation)) {
    return reject(RejectionCode::not_allowed,
                  fmt::format("organisation {}", (*organisation)->handle),
                  "only its administrators create fleets in an organisation",
                  "ask an administrator of the organisation");
  }
  const DeviceType* type = context.state.find_device_type(command.device_type);
  if (type == nullptr) {
    return reject(RejectionCode::unknown_device_type,
                  fmt::format("device type {}", command.device_type),
                  "there is no such device type", "`muster device-type list` shows all");
  }
  std::string slug = fmt::format("{}/{}", (*organisation)->handle, to_lower(parts->name));
  if (context.state.find_fleet(slug) != nullptr) {
    return reject(RejectionCode::slug_taken, fmt::format("fleet {}", slug),
                  "there is a fleet of this slug already", "choose another name");
  }
  return std::vector<Event>{FleetCreated{.id = context.state.next_fleet(),
                                         .uuid = command.uuid,
                                         .organisation = (*organisation)->id,
                                         .name = std::string(parts->name),
                                         .slug = std::move(slug),
                                         .device_type = type->id,
                                         .type = command.type}};
}

Decision decide_one(const Context& context, const PinFleet& command) {
  const auto fleet = fleet_for_policy(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto release = find_release(context, **fleet, command.release, ReleaseUse::pin);
  if (!release) return tl::unexpected(release.error());
  const bool done = (*fleet)->policy == FleetPolicy::pinned && (*fleet)->target == (*release)->id;
  if (done) return std::vector<Event>{};
  if ((*release)->draft() && !context.command.confirmed) {
    return reject(RejectionCode::confirmation_needed, describe(**release),
                  "it is a draft, and pinning a whole fleet to a draft must be confirmed",
                  "repeat with --yes, or finalize the release first");
  }
  std::vector<Event> events{
      FleetPinned{.fleet = (*fleet)->id, .release = (*release)->id, .reach = reach_of(**fleet)}};
  retarget(events, **fleet, (*release)->id, TargetCause::fleet_pinned);
  return events;
}

Decision decide_one(const Context& context, const TrackLatest& command) {
  const auto fleet = fleet_for_policy(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  if ((*fleet)->policy == FleetPolicy::track_latest) return std::vector<Event>{};
  std::vector<Event> events{FleetTrackingLatest{.fleet = (*fleet)->id, .reach = reach_of(**fleet)}};
  const auto latest = latest_eligible(context.state, (*fleet)->id, ReleaseId{}, false);
  if (latest) retarget(events, **fleet, *latest, TargetCause::fleet_tracking_latest);
  return events;
}

}  // namespace muster
