#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/vocabulary.h"

namespace muster::agent {

/// With what one device connects to the broker.
struct DeviceCredentials {
  Uuid uuid;
  std::string username;
  std::string password;
  std::string client_id;
  std::optional<Encoding> encoding;  // As it is registered.
};

/// Reads what `muster device register --json` prints: one object
/// `{"uuid":…,"mqtt":{"client_id":…,"username":…,"password":…}}`, a list of such objects, or one
/// object a line; other members are ignored. `client_id` and `username` default to the uuid.
/// Errors: failed (cannot read), invalid_input, which names file and place but never a password.
Result<std::vector<DeviceCredentials>> read_credentials(const std::filesystem::path& file);

}  // namespace muster::agent
