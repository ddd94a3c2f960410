#include <fmt/format.h>

#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/selection.h"

// The keys of devices: what their MQTT passwords are signed for.

namespace muster {

Decision decide_one(const Context& context, const RotateDeviceKey& command) {
  const auto device = find_device(context, command.device, Role::fleet_operator);
  if (!device) return tl::unexpected(device.error());
  const auto active = check_active(**device);
  if (!active) return tl::unexpected(active.error());
  const auto fresh = check_version(context, (*device)->version,
                                   fmt::format("device {}", to_string((*device)->uuid)));
  if (!fresh) return tl::unexpected(fresh.error());
  return std::vector<Event>{DeviceKeyRotated{
      .id = (*device)->id, .previous = (*device)->key_generation, .at_once = command.at_once}};
}

Decision decide_one(const Context& context, const RetireDeviceKeys& command) {
  const std::string entity = fmt::format("device {}", to_string(command.device));
  if (context.asker.user != UserId{}) {
    return reject(RejectionCode::not_allowed, entity, "a birth comes from the device itself",
                  "to refuse the old keys now, rotate with --now");
  }
  const Device* device = context.state.find_device(command.device);
  if (device == nullptr) {
    return reject(RejectionCode::unknown_device, entity, "no such device is registered",
                  "register it");
  }
  // A key issued meanwhile is newer than the one that was used: the device has that one still to
  // take over.
  const bool is_newest = command.generation == device->key_generation;
  const bool retires = is_newest && device->key_minimum < command.generation;
  if (!retires) return std::vector<Event>{};
  return std::vector<Event>{DeviceKeyRetired{.id = device->id, .generation = command.generation}};
}

}  // namespace muster
