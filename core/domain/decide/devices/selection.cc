#include "core/domain/decide/devices/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace muster {
namespace {

using Devices = tl::expected<std::vector<const Device*>, Rejection>;

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
Found<Device> find_selected(const Context& context, DeviceId id, Orphans orphans) {
  const Device* device = context.state.find(id);
  auto allowed = device == nullptr ? Found<Device>(nullptr)
                                   : allow_device(context, *device, Role::fleet_operator, orphans);
  if (!allowed || *allowed != nullptr) return allowed;
  return reject(RejectionCode::unknown_device, fmt::format("device id:{}", id.value()),
                "there is no such device, or you may not see it any more",
                "select the devices again");
}

/// The devices of a command, each once: those named, or those selected.
Devices find_chosen(const Context& context, const std::vector<std::string>& uuids,
                    const std::optional<SelectedDevices>& selected, Orphans orphans) {
  const auto fits = check_size(selected ? selected->ids.size() : uuids.size());
  if (!fits) return tl::unexpected(fits.error());
  std::vector<const Device*> devices;
  std::unordered_set<DeviceId> seen;
  std::optional<Rejection> refused;
  const auto add = [&](const Found<Device>& device) {
    if (!device) refused = device.error();
    if (device && seen.insert((*device)->id).second) devices.push_back(*device);
    return device.has_value();
  };
  if (selected) {
    std::ranges::all_of(selected->ids,
                        [&](DeviceId id) { return add(find_selected(context, id, orphans)); });
  } else {
    std::ranges::all_of(uuids, [&](const std::string& uuid) {
      return add(find_device(context, uuid, Role::fleet_operator, orphans));
    });
  }
  if (refused) return tl::unexpected(std::move(*refused));
  return devices;
}

}  // namespace

std::string entity_of(const Device& device) {
  return fmt::format("device {}", to_string(device.uuid));
}

Devices find_selection(const Context& context, const std::vector<std::string>& uuids,
                       const std::optional<SelectedDevices>& selected, Orphans orphans) {
  auto devices = find_chosen(context, uuids, selected, orphans);
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

Found<Device> find_one_device(const Context& context, const std::string& uuid) {
  auto device = find_device(context, uuid, Role::fleet_operator);
  if (!device) return device;
  const auto fresh = check_version(context, (*device)->version, entity_of(**device));
  if (!fresh) return tl::unexpected(fresh.error());
  return device;
}

tl::expected<void, Rejection> check_active(const Device& device) {
  if (device.lifecycle == Lifecycle::active) return {};
  return reject(RejectionCode::device_not_active, entity_of(device),
                "it is deactivated: it takes no actions and no settings until its next birth",
                "connect the device: its birth makes it active again");
}

}  // namespace muster
