#include <fmt/format.h>

#include <algorithm>

#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"

// A fleet goes to another organisation, with its devices, releases and members. Its place there is
// kept by an empty fleet of the same name, which is gone afterwards.

namespace muster {
namespace {

tl::unexpected<Rejection> missing_step(const Fleet& fleet, std::string rule, std::string remedy) {
  return reject(RejectionCode::transfer_not_prepared, fmt::format("fleet {}", fleet.slug),
                std::move(rule), std::move(remedy));
}

/// Only administrators of the organisation that gives it away may.
Found<Fleet> find_source(const Context& context, const TransferFleet& command) {
  auto fleet = find_fleet(context, command.fleet, Role::observer);
  if (!fleet) return fleet;
  const Organisation& source = *context.state.find((*fleet)->organisation);
  if (!administers(context.asker, source)) {
    return reject(
        RejectionCode::not_allowed, fmt::format("fleet {}", (*fleet)->slug),
        fmt::format("only administrators of organisation {} transfer its fleets", source.handle),
        "ask one of them");
  }
  const auto fresh =
      check_version(context, (*fleet)->version, fmt::format("fleet {}", (*fleet)->slug));
  if (!fresh) return tl::unexpected(fresh.error());
  if (source.handle == to_lower(command.organisation)) {
    return reject(RejectionCode::invalid_field, "organisation",
                  fmt::format("the fleet belongs to {} already", source.handle),
                  "name the organisation that is to get it");
  }
  return fleet;
}

bool has_releases(const State& state, const Fleet& fleet) {
  return std::ranges::any_of(state.releases_of(fleet.id),
                             [&](ReleaseId id) { return !state.find(id)->deleted; });
}

/// The empty fleet that keeps the place in the other organisation.
Found<Fleet> find_placeholder(const Context& context, const Fleet& fleet,
                              const std::string& handle) {
  const std::string slug = fmt::format("{}/{}", to_lower(handle), to_lower(fleet.name));
  const Fleet* placeholder = context.state.find_fleet(slug);
  const auto role =
      placeholder == nullptr
          ? std::nullopt
          : role_in(context.asker, *placeholder, *context.state.find(placeholder->organisation));
  if (!role) {
    return missing_step(
        fleet, fmt::format("there is no fleet {} to put it in, or you are not in it", slug),
        fmt::format("ask an administrator of {} to create the empty fleet {} and to add you to it "
                    "as developer",
                    handle, slug));
  }
  if (*role < Role::developer) {
    return missing_step(
        fleet,
        fmt::format("in fleet {} you must be developer or more; you are {}", slug,
                    to_string(*role)),
        fmt::format("ask an administrator of {} to make you developer in {}", handle, slug));
  }
  const std::uint32_t devices = placeholder->devices + placeholder->deactivated_devices;
  if (devices > 0 || has_releases(context.state, *placeholder)) {
    return missing_step(fleet,
                        fmt::format("fleet {} must be empty; it has {}", slug,
                                    devices > 0 ? fmt::format("{} devices", devices) : "releases"),
                        fmt::format("ask an administrator of {} to empty it, or to rename it and "
                                    "create an empty one",
                                    handle));
  }
  return placeholder;
}

}  // namespace

Decision decide_one(const Context& context, const TransferFleet& command) {
  const auto fleet = find_source(context, command);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto placeholder = find_placeholder(context, **fleet, command.organisation);
  if (!placeholder) return tl::unexpected(placeholder.error());
  return std::vector<Event>{FleetTransferred{.fleet = (*fleet)->id,
                                             .organisation = (*placeholder)->organisation,
                                             .previous_organisation = (*fleet)->organisation,
                                             .slug = (*placeholder)->slug,
                                             .previous_slug = (*fleet)->slug,
                                             .placeholder = (*placeholder)->id,
                                             .leaver = context.asker.user}};
}

}  // namespace muster
