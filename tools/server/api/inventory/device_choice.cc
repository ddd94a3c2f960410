#include "tools/server/api/inventory/device_choice.h"

#include "tools/server/api/inventory/selection.h"

namespace muster {
namespace {

/// The full uuids of the devices that the body lists.
HttpResult<std::vector<std::string>> listed(const Build& build) {
  std::vector<std::string> names = build.body.strings("devices");
  for (std::string& name : names) {
    auto uuid = uuid_of(build.sight, name);
    if (!uuid) return tl::unexpected(uuid.error());
    name = std::move(*uuid);
  }
  return names;
}

}  // namespace

HttpResult<std::string> uuid_of(const Sight& sight, const std::string& name) {
  if (parse_uuid(name)) return name;  // The writer knows it best, even if the views lag.
  const auto device = sight.device(name);
  if (!device) return tl::unexpected(device.error());
  return to_string(device->uuid);
}

HttpResult<DeviceChoice> choose_devices(const Build& build, Chosen chosen) {
  const Wanted wanted{.filter = build.body.optional_string("filter"),
                      .view = build.body.optional_string("view"),
                      .fleet = {},
                      .orphans = chosen == Chosen::orphaned_too};
  DeviceChoice choice;
  if (!wanted.filter && !wanted.view) {
    auto devices = listed(build);
    if (!devices) return tl::unexpected(devices.error());
    choice.devices = std::move(*devices);
    return choice;
  }
  if (build.body.optional_strings("devices")) {
    build.body.refuse("devices", "left out beside `filter` or `view`", "both");
    return choice;
  }
  const auto selection = selection_of(build.parts, build.sight, wanted);
  if (!selection) return tl::unexpected(selection.error());
  choice.selected = select(build.reader, *selection);
  return choice;
}

}  // namespace muster
