#include "core/domain/decide/devices/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace muster {
namespace {

tl::expected<void, Rejection> check_size(std::size_t devices) {
  if (devices == 0) {
    return reject(RejectionCode::empty_selection, "devices",
                  "an empty selection is an error and never means all",
                  "name the devices, or select some; `muster device list` shows whom");
  }
  if (devices > selection_size_max) {
    return reject(RejectionCode::selection_too_large,
                  fmt::format("more than {} devices", selection_size_max),
                  fmt::format("one command is about at most {} devices", selection_size_max),
                  "use several commands, or a command about the fleet");
  }
  return {};
}

/// The same as find_device, for one that a filter selected.
Found<Device> find_selected(const Context& context, DeviceId id, Role needed) {
  const Device* device = context.state.find(id);
  const auto fleet =
      device == nullptr ? Found<Fleet>(nullptr) : allow_fleet(context, device->fleet, needed);
  if (!fleet) return tl::unexpected(fleet.error());
  if (*fleet != nullptr) return device;
  return reject(RejectionCode::unknown_device, fmt::format("device id:{}", id.value()),
                "there is no such device, or you may not see it any more",
                "select the devices again");
}

tl::expected<std::vector<const Device*>, Rejection> find_chosen(
    const Context& context, const std::vector<std::string>& uuids,
    const std::optional<SelectedDevices>& selected) {
  std::vector<const Device*> devices;
  std::unordered_set<DeviceId> seen;
  std::optional<Rejection> refused;
  const auto add = [&](const Found<Device>& device) {
    if (!device) refused = device.error();
    if (device && seen.insert((*device)->id).second) devices.push_back(*device);
    return device.has_value();
  };
  if (selected) {
    std::ranges::all_of(selected->ids, [&](DeviceId id) {
      return add(find_selected(context, id, Role::fleet_operator));
    });
  } else {
    std::ranges::all_of(uuids, [&](const std::string& uuid) {
      return add(find_device(context, uuid, Role::fleet_operator));
    });
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return devices;
}

}  // namespace

std::string entity_of(const Device& device) {
  return fmt::format("device {}", to_string(device.uuid));
}

tl::expected<std::vector<const Device*>, Rejection> find_selection(
    const Context& context, const std::vector<std::string>& uuids,
    const std::optional<SelectedDevices>& selected) {
  const auto fits = check_size(selected ? selected->ids.size() : uuids.size());
  if (!fits) return tl::unexpected(fits.error());
  auto devices = find_chosen(context, uuids, selected);
  if (!devices) return devices;
  const auto counted = check_count(context, devices->size());
  if (!counted) return tl::unexpected(counted.error());
  if (!context.command.expect_version) return devices;
  if (devices->size() > 1) {
    return reject(RejectionCode::invalid_field, "expect_version",
                  "a version belongs to one device; the selection has several",
                  "leave it out, or name one device");
  }
  const Device& only = *devices->front();
  const auto fresh = check_version(context, only.version, entity_of(only));
  if (!fresh) return tl::unexpected(fresh.error());
  return devices;
}

}  // namespace muster
