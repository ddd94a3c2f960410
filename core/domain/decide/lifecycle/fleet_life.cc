#include <fmt/format.h>

#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/fleet_type.h"
#include "core/domain/decide/names.h"

// What becomes of fleets: another type, another name, deleted; and the billing of organisations.

namespace muster {
namespace {

constexpr std::size_t named_max = 20;

std::string entity_of(const Fleet& fleet) { return fmt::format("fleet {}", fleet.slug); }

Found<Fleet> find_own_fleet(const Context& context, const std::string& slug) {
  auto fleet = find_fleet(context, slug, Role::administrator);
  if (!fleet) return fleet;
  const auto fresh = check_version(context, (*fleet)->version, entity_of(**fleet));
  if (!fresh) return tl::unexpected(fresh.error());
  return fleet;
}

/// How the devices of a fleet stand to the OS that another type of fleet needs.
struct OsCheck {
  std::size_t too_old = 0;
  std::uint32_t unknown = 0;
  std::vector<std::string> first_too_old;
};

OsCheck check_os(const State& state, const Fleet& fleet, FleetType type) {
  OsCheck check;
  if (!minimum_os(type)) return check;
  for (const Device& device : state.devices()) {
    if (device.fleet != fleet.id || device.lifecycle == Lifecycle::deleted) continue;
    if (device.os_version.empty()) ++check.unknown;
    if (satisfies(device, type)) continue;
    ++check.too_old;
    if (check.first_too_old.size() < named_max) {
      check.first_too_old.push_back(
          fmt::format("{} ({})", to_string(device.uuid), device.os_version));
    }
  }
  return check;
}

}  // namespace

Decision decide_one(const Context& context, const ChangeFleetType& command) {
  const auto found = find_own_fleet(context, command.fleet);
  if (!found) return tl::unexpected(found.error());
  const Fleet& fleet = **found;
  if (fleet.type == command.type) return std::vector<Event>{};
  OsCheck check = check_os(context.state, fleet, command.type);
  if (check.too_old > 0) {
    return tl::unexpected(Rejection{
        .code = RejectionCode::os_too_old,
        .entity = entity_of(fleet),
        .rule = fmt::format("a {} fleet needs OS {} or newer; {} of its devices run an older one",
                            to_string(command.type), *minimum_os(command.type), check.too_old),
        .remedy = "update their OS, or move them to another fleet first",
        .candidates = std::move(check.first_too_old)});
  }
  return std::vector<Event>{FleetTypeChanged{.fleet = fleet.id,
                                             .type = command.type,
                                             .previous = fleet.type,
                                             .os_unknown = check.unknown}};
}

Decision decide_one(const Context& context, const RenameFleet& command) {
  const auto found = find_own_fleet(context, command.fleet);
  if (!found) return tl::unexpected(found.error());
  const Fleet& fleet = **found;
  if (fleet.type == FleetType::classic || fleet.type == FleetType::legacy) {
    return reject(RejectionCode::fleet_type_forbids, entity_of(fleet),
                  fmt::format("a {} fleet cannot be renamed", to_string(fleet.type)),
                  "change the fleet type first: `muster fleet change-type`");
  }
  if (!is_name(command.name)) {
    return reject(RejectionCode::invalid_name, fmt::format("fleet `{}`", command.name),
                  fmt::format("its name must be {}", name_rule), "choose another name");
  }
  if (fleet.name == command.name) return std::vector<Event>{};
  std::string slug =
      fmt::format("{}/{}", context.state.find(fleet.organisation)->handle, to_lower(command.name));
  const Fleet* holder = context.state.find_fleet(slug);
  if (holder != nullptr && holder != &fleet) {
    return reject(RejectionCode::slug_taken, fmt::format("fleet {}", slug),
                  "there is a fleet of this slug already", "choose another name");
  }
  return std::vector<Event>{FleetRenamed{.fleet = fleet.id,
                                         .name = command.name,
                                         .slug = std::move(slug),
                                         .previous_slug = fleet.slug}};
}

Decision decide_one(const Context& context, const DeleteFleet& command) {
  const auto found = find_own_fleet(context, command.fleet);
  if (!found) return tl::unexpected(found.error());
  const Fleet& fleet = **found;
  const std::uint32_t devices = fleet.devices + fleet.deactivated_devices;
  const bool confirmed = context.command.confirmed && context.command.expect_count.has_value();
  if (devices > 0 && !confirmed) {
    return reject(
        RejectionCode::confirmation_needed, entity_of(fleet),
        fmt::format("it has {} devices, which deleting it orphans: they keep running what they "
                    "have, get no updates and no actions, and must be provisioned anew",
                    devices),
        fmt::format("move them to another fleet first: `muster device move`; or repeat with --yes "
                    "--expect-count {}",
                    devices));
  }
  const auto counted = check_count(context, devices);
  if (!counted) return tl::unexpected(counted.error());
  std::vector<Event> events;
  end_all_queues(context.state, fleet, events);
  events.emplace_back(FleetDeleted{.fleet = fleet.id, .devices = devices});
  return events;
}

Decision decide_one(const Context& context, const SetBilling& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  const auto organisation = find_organisation(context, command.organisation);
  if (!organisation) return tl::unexpected(organisation.error());
  const auto fresh = check_version(context, (*organisation)->version,
                                   fmt::format("organisation {}", (*organisation)->handle));
  if (!fresh) return tl::unexpected(fresh.error());
  if ((*organisation)->billing_valid == command.valid) return std::vector<Event>{};
  return std::vector<Event>{
      OrganisationBillingSet{.organisation = (*organisation)->id, .valid = command.valid}};
}

}  // namespace muster
