#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/agent/credentials.h"
#include "tools/muster/declare.h"

namespace muster::cli {

// What the commands of `muster agent` share.

/// The credentials in all `files`, in their order.
[[nodiscard]] Result<std::vector<agent::DeviceCredentials>> read_all_credentials(
    const std::vector<std::filesystem::path>& files);

/// The options of `muster agent --simulate N`, on the group itself.
void add_simulation(CLI::App& agent, Invocation& invocation);

void add_check(CLI::App& agent, Invocation& invocation);

}  // namespace muster::cli
