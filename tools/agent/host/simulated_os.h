#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "tools/agent/agent.h"
#include "tools/agent/channel/action_messages.h"

namespace muster::agent {

/// What the device says its OS is: as the options have it, or as a simulated update left it in
/// `folder`. With an action hook nothing is simulated.
std::string simulated_os_version(const std::filesystem::path& folder, const AgentOptions& options);

/// The version that an update of the OS asks for; nullopt: it names none.
std::optional<std::string> wanted_os_version(const Action& update);

/// The version from now on; `present` if the update names none, or it cannot be kept.
std::string update_simulated_os(const std::filesystem::path& folder, const Action& update,
                                const std::string& present);

/// An OS before 2.12.0 has one data folder for all services, a later one named volumes.
bool has_named_volumes(std::string_view os_version);

}  // namespace muster::agent
