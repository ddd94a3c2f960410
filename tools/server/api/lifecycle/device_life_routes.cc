#include <algorithm>

#include "tools/server/api/api.h"
#include "tools/server/api/inventory/device_choice.h"
#include "tools/server/api/routes.h"

// The settings and the lives of devices: each command for one, and for several.

namespace muster {
namespace {

/// Has the route of a command about one device, and that of the same about several.
template <typename C>
void add_both(Api& api, std::string_view name, const std::string& step, C (*read)(const Build&)) {
  api.command(name, HttpMethod::post, "/v1/devices/{device}/" + step,
              [read](const Build& build) { return about_one(build, read(build)); });
  api.command(name, HttpMethod::post, "/v1/devices/" + step,
              [read](const Build& build) { return about_several(build, read(build)); });
}

bool flag_of(const Build& build, std::string_view name) {
  return build.body.optional_boolean(name).value_or(false);
}

SetPublicUrl read_public_url(const Build& build) {
  SetPublicUrl command;
  command.enabled = build.body.boolean("enabled");
  return command;
}

SetLockOverride read_lock_override(const Build& build) {
  SetLockOverride command;
  command.enabled = build.body.boolean("enabled");
  command.keep = flag_of(build, "keep");
  command.skip_inapplicable = flag_of(build, "skip_inapplicable");
  return command;
}

SetLocalMode read_local_mode(const Build& build) {
  SetLocalMode command;
  command.enabled = build.body.boolean("enabled");
  command.skip_inapplicable = flag_of(build, "skip_inapplicable");
  return command;
}

GrantDeviceSupport read_support(const Build& build) {
  GrantDeviceSupport command;
  command.until = read_time(build.body, "until");
  return command;
}

ChangeDeviceType read_type(const Build& build) {
  ChangeDeviceType command;
  command.device_type = build.body.string("device_type");
  return command;
}

/// Those of the command's devices that are known to be offline now.
HttpResult<CommandBody> with_offline(const Build& build, HttpResult<CommandBody> made) {
  if (!made) return made;
  auto& command = std::get<DeactivateDevices>(*made);
  std::vector<DeviceId> ids;
  if (command.selected) ids = command.selected->ids;
  for (const std::string& name : command.devices) {
    const auto uuid = parse_uuid(name);
    const auto device = uuid ? build.reader.find_device(*uuid) : std::nullopt;
    if (device) ids.push_back(device->id);
  }
  const Timestamp now = build.parts.clock.now();
  std::erase_if(ids, [&](DeviceId id) {
    return build.parts.presence.look(id, now).presence != Presence::offline;
  });
  std::ranges::sort(ids);
  command.offline = std::move(ids);
  return made;
}

}  // namespace

Timestamp read_time(JsonReader& body, std::string_view name) {
  const std::string text = body.string(name);
  const auto at = parse_rfc3339(text);
  if (!at) body.refuse(name, "a time like 2026-11-21T08:30:00Z", text);
  return at.value_or(Timestamp{});
}

void add_device_life_routes(Api& api) {
  add_both(api, "device.public-url", "public-url", read_public_url);
  add_both(api, "device.lock-override", "lock-override", read_lock_override);
  add_both(api, "device.local-mode", "local-mode", read_local_mode);
  add_both(api, "device.grant-support", "support", read_support);
  add_both<RevokeDeviceSupport>(api, "device.revoke-support", "revoke-support",
                                [](const Build&) { return RevokeDeviceSupport{}; });
  add_both(api, "device.change-type", "change-type", read_type);
  api.command("device.deactivate", HttpMethod::post, "/v1/devices/{device}/deactivate",
              [](const Build& build) {
                return with_offline(build, about_one(build, DeactivateDevices{}));
              });
  api.command("device.deactivate", HttpMethod::post, "/v1/devices/deactivate",
              [](const Build& build) {
                return with_offline(build, about_several(build, DeactivateDevices{}));
              });
  api.command("device.delete", HttpMethod::del, "/v1/devices/{device}",
              [](const Build& build) { return about_one(build, DeleteDevices{}); });
  api.command("device.delete", HttpMethod::post, "/v1/devices/delete", [](const Build& build) {
    return about_several(build, DeleteDevices{}, Chosen::orphaned_too);
  });
}

}  // namespace muster
