#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/actions/action_events.h"
#include "core/domain/entities.h"

namespace muster {

/// The agent that knows purge, reboot, shutdown and the override of update locks.
inline constexpr std::string_view first_agent_with_actions = "1.1.0";

/// True if the device reported an agent older than that.
[[nodiscard]] bool lacks_actions(const Device& device);

/// From this host OS version on a device keeps its data in named volumes, and purges them when it
/// is moved.
inline constexpr std::string_view os_with_volumes = "2.12.0";

/// Why an action is not for a device: what it says of itself, or its type, speaks against it.
struct Inapplicable {
  EndCause reason = EndCause::agent_too_old;
  std::string message;  // For people, naming the versions.
};

/// Nullopt if `order` may be given to the device. A version that is not known yet blocks nothing.
[[nodiscard]] std::optional<Inapplicable> find_obstacle(const ActionOrder& order,
                                                        const Device& device,
                                                        const DeviceType& type);

/// True if `order` asks for what is so already: an update to the version the device reported.
[[nodiscard]] bool is_done_already(const ActionOrder& order, const Device& device);

/// True unless the device is known to run a host OS older than `os_with_volumes`.
[[nodiscard]] bool may_have_volumes(const Device& device);

/// How long an action of that kind has from its delivery, unless it was said.
[[nodiscard]] std::uint32_t default_execution_s(ActionKind kind) noexcept;

/// True if a device of architecture `device` can run releases for `fleet`.
[[nodiscard]] bool can_run(std::string_view device, std::string_view fleet) noexcept;

}  // namespace muster
