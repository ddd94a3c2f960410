#pragma once

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "tools/agent/credentials.h"

namespace muster::agent {

struct ProvisioningOptions {
  std::string server;              // `http://HOST:PORT`
  std::filesystem::path key_file;  // With the fleet's provisioning key in its first line.
  std::filesystem::path folder;    // Where the device keeps its credentials; made if missing.
  std::string name;                // Empty: the server makes one.
};

/// The credentials of the device in `folder`: those it has, or, the first time, those it gets by
/// registering itself. Asked again after a lost answer, the server gives the same.
/// Errors: failed (folder, key file), unavailable (server), invalid_input (it refuses; says why).
[[nodiscard]] Result<DeviceCredentials> provision(const ProvisioningOptions& options);

}  // namespace muster::agent
