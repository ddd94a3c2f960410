#include <fmt/format.h>

#include "core/domain/decide/devices/selection.h"
#include "core/domain/lifecycle/settings.h"

// Support access, to devices and to whole fleets. The later of both ends counts; each is revoked
// alone.

namespace muster {
namespace {

tl::expected<void, Rejection> check_end(const Context& context, Timestamp until) {
  if (until > context.now) return {};
  return reject(RejectionCode::invalid_field, "until",
                fmt::format("support access ends in the future; {} is over", to_rfc3339(until)),
                "give a later time");
}

Found<Fleet> find_own_fleet(const Context& context, const std::string& slug) {
  auto fleet = find_fleet(context, slug, Role::administrator);
  if (!fleet) return fleet;
  const auto fresh =
      check_version(context, (*fleet)->version, fmt::format("fleet {}", (*fleet)->slug));
  if (!fresh) return tl::unexpected(fresh.error());
  return fleet;
}

}  // namespace

Decision decide_one(const Context& context, const GrantDeviceSupport& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const auto valid = check_end(context, command.until);
  if (!valid) return tl::unexpected(valid.error());
  std::vector<Event> events;
  for (const Device* device : *devices) {
    const auto active = check_active(*device);
    if (!active) return tl::unexpected(active.error());
    if (device->support_until == command.until) continue;
    events.emplace_back(DeviceSupportGranted{.id = device->id, .until = command.until});
  }
  return events;
}

Decision decide_one(const Context& context, const RevokeDeviceSupport& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  std::vector<Event> events;
  for (const Device* device : *devices) {
    if (!has_support(*device, context.now)) continue;
    events.emplace_back(DeviceSupportEnded{.id = device->id, .how = GrantEnd::revoked});
  }
  return events;
}

Decision decide_one(const Context& context, const GrantFleetSupport& command) {
  const auto fleet = find_own_fleet(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto valid = check_end(context, command.until);
  if (!valid) return tl::unexpected(valid.error());
  if ((*fleet)->support.until == command.until) return std::vector<Event>{};
  return std::vector<Event>{FleetSupportGranted{.fleet = (*fleet)->id, .until = command.until}};
}

Decision decide_one(const Context& context, const RevokeFleetSupport& command) {
  const auto fleet = find_own_fleet(context, command.fleet);
  if (!fleet) return tl::unexpected(fleet.error());
  if (!has_support(**fleet, context.now)) return std::vector<Event>{};
  return std::vector<Event>{FleetSupportEnded{.fleet = (*fleet)->id, .how = GrantEnd::revoked}};
}

Decision decide_one(const Context& context, const ExpireSupport& command) {
  if (context.asker.user != UserId{}) {
    return reject(RejectionCode::not_allowed, "support access", "it expires by itself",
                  "revoke it to end it now");
  }
  const auto is_over = [&](Timestamp until) { return until > Timestamp{} && until <= context.now; };
  std::vector<Event> events;
  for (const DeviceId id : command.devices) {
    const Device* device = context.state.find(id);
    const bool runs = device != nullptr && !device->has(DeviceFlag::support_expired) &&
                      device->lifecycle != Lifecycle::deleted;
    if (runs && is_over(device->support_until)) {
      events.emplace_back(DeviceSupportEnded{.id = id, .how = GrantEnd::expired});
    }
  }
  for (const FleetId id : command.fleets) {
    const Fleet* fleet = context.state.find(id);
    const bool runs =
        fleet != nullptr && fleet->support.ended == Sequence{} && !fleet->is_deleted();
    if (runs && is_over(fleet->support.until)) {
      events.emplace_back(FleetSupportEnded{.fleet = id, .how = GrantEnd::expired});
    }
  }
  return events;
}

}  // namespace muster
