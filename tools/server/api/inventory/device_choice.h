#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/decide/command.h"
#include "tools/server/api/commands/command_table.h"

namespace muster {

/// The full uuid of the device that `name` means, as far as the views know it already.
[[nodiscard]] HttpResult<std::string> uuid_of(const Sight& sight, const std::string& name);

/// The devices that a body lists, or that its filter or view selects now.
struct DeviceChoice {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected;
};

/// Which of the devices that a filter finds a command may be about.
enum class Chosen { living, orphaned_too };

/// What the body of a command about several devices says. Problems: those of the fields, of names
/// and of selection_of.
[[nodiscard]] HttpResult<DeviceChoice> choose_devices(const Build& build,
                                                      Chosen chosen = Chosen::living);

/// Has a command about the device of the path.
template <typename C>
HttpResult<CommandBody> about_one(const Build& build, C command) {
  auto uuid = uuid_of(build.sight, build.match.at("device"));
  if (!uuid) return tl::unexpected(uuid.error());
  command.devices.push_back(std::move(*uuid));
  return command;
}

/// Has a command about those that the body lists or selects.
template <typename C>
HttpResult<CommandBody> about_several(const Build& build, C command,
                                      Chosen chosen = Chosen::living) {
  auto choice = choose_devices(build, chosen);
  if (!choice) return tl::unexpected(choice.error());
  command.devices = std::move(choice->devices);
  command.selected = std::move(choice->selected);
  return command;
}

}  // namespace muster
