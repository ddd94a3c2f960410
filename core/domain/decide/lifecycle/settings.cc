#include <fmt/format.h>

#include <functional>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/devices/selection.h"
#include "core/domain/lifecycle/settings.h"

// Settings: the public URL, the override of update locks, local mode.

namespace muster {
namespace {

/// Why a setting is not for a device.
struct Obstacle {
  SettingSkip why = SettingSkip::not_active;
  std::string rule;
  std::string remedy;
};

std::optional<Obstacle> find_obstacle(const Device& device) {
  const auto active = check_active(device);
  if (active) return std::nullopt;
  return Obstacle{SettingSkip::not_active, active.error().rule, active.error().remedy};
}

std::optional<Obstacle> find_override_obstacle(const Device& device) {
  if (!lacks_actions(device)) return std::nullopt;
  return Obstacle{SettingSkip::agent_too_old,
                  fmt::format("its agent is {}; the override of update locks needs {}",
                              device.agent_version, first_agent_with_actions),
                  "update its agent"};
}

std::optional<Obstacle> find_local_obstacle(const Device& device) {
  if (device.os_variant == OsVariant::development) return std::nullopt;
  const bool unknown = device.os_variant == OsVariant::unknown;
  return Obstacle{SettingSkip::not_development,
                  unknown ? "local mode needs a development variant of the OS, and the device has "
                            "not said yet which it runs"
                          : "local mode needs a development variant of the OS; it runs a "
                            "production one",
                  unknown ? "connect the device first" : "install the development variant"};
}

/// One setting for the devices of a command: `change` says what each needs, if anything.
struct SettingChange {
  Setting setting = Setting::lock_override;
  bool skips = false;
  std::function<std::optional<Obstacle>(const Device&)> obstacle;
  std::function<std::optional<Event>(const Device&)> change;
};

Decision set_where_it_fits(const std::vector<const Device*>& devices, const SettingChange& wanted) {
  std::vector<Event> events;
  std::optional<Rejection> refused;
  std::size_t skipped = 0;
  for (const Device* device : devices) {
    auto obstacle = find_obstacle(*device);
    if (!obstacle) obstacle = wanted.obstacle(*device);
    if (!obstacle) {
      if (auto event = wanted.change(*device)) events.push_back(std::move(*event));
      continue;
    }
    ++skipped;
    events.emplace_back(DeviceSettingSkipped{device->id, wanted.setting, obstacle->why});
    if (!refused) {
      refused = Rejection{.code = obstacle->why == SettingSkip::not_active
                                      ? RejectionCode::device_not_active
                                      : RejectionCode::not_applicable,
                          .entity = entity_of(*device),
                          .rule = std::move(obstacle->rule),
                          .remedy = std::move(obstacle->remedy)};
    }
  }
  const bool all_skipped = skipped == devices.size();
  if (!refused || (wanted.skips && !all_skipped)) return events;
  if (devices.size() > 1 && !all_skipped) {
    refused->remedy += ", or leave out whom it does not fit with --skip-inapplicable";
  }
  return tl::unexpected(std::move(*refused));
}

}  // namespace

Decision decide_one(const Context& context, const SetPublicUrl& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  std::vector<Event> events;
  for (const Device* device : *devices) {
    const auto active = check_active(*device);
    if (!active) return tl::unexpected(active.error());
    const bool is_on = has_public_url(*device, *context.state.find(device->fleet));
    if (is_on != command.enabled) {
      events.emplace_back(DevicePublicUrlSet{.id = device->id, .enabled = command.enabled});
    }
  }
  return events;
}

Decision decide_one(const Context& context, const SetFleetPublicUrls& command) {
  const auto fleet = find_fleet(context, command.fleet, Role::administrator);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto fresh =
      check_version(context, (*fleet)->version, fmt::format("fleet {}", (*fleet)->slug));
  if (!fresh) return tl::unexpected(fresh.error());
  const auto counted = check_count(context, (*fleet)->devices);
  if (!counted) return tl::unexpected(counted.error());
  if ((*fleet)->public_urls == (command.enabled ? (*fleet)->devices : 0)) {
    return std::vector<Event>{};
  }
  return std::vector<Event>{FleetPublicUrlsSet{
      .fleet = (*fleet)->id, .enabled = command.enabled, .devices = (*fleet)->devices}};
}

Decision decide_one(const Context& context, const SetLockOverride& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const bool keeps = command.enabled && command.keep;
  return set_where_it_fits(
      *devices,
      SettingChange{.setting = Setting::lock_override,
                    .skips = command.skip_inapplicable,
                    .obstacle =
                        [&](const Device& device) {
                          return command.enabled ? find_override_obstacle(device) : std::nullopt;
                        },
                    .change = [&](const Device& device) -> std::optional<Event> {
                      const bool is_so = device.has(DeviceFlag::lock_override) == command.enabled &&
                                         device.has(DeviceFlag::keep_override) == keeps;
                      if (is_so) return std::nullopt;
                      return DeviceLockOverrideSet{
                          .id = device.id, .enabled = command.enabled, .keep = keeps};
                    }});
}

Decision decide_one(const Context& context, const SetLocalMode& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  return set_where_it_fits(
      *devices,
      SettingChange{.setting = Setting::local_mode,
                    .skips = command.skip_inapplicable,
                    .obstacle =
                        [&](const Device& device) {
                          return command.enabled ? find_local_obstacle(device) : std::nullopt;
                        },
                    .change = [&](const Device& device) -> std::optional<Event> {
                      if (device.has(DeviceFlag::local_mode) == command.enabled) {
                        return std::nullopt;
                      }
                      return DeviceLocalModeSet{.id = device.id, .enabled = command.enabled};
                    }});
}

}  // namespace muster
