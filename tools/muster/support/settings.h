#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "tools/muster/support/surroundings.h"

namespace muster::cli {

/// Which server to talk to, and as whom.
struct Access {
  std::string url;
  std::string token;  // Empty: none.
};

/// MUSTER_URL and MUSTER_TOKEN, else what `muster login` kept, else the default address and no
/// token. A kept token goes to the server it was given for, and to no other.
/// Errors: failed (the kept file cannot be read or makes no sense).
Result<Access> find_access(const Surroundings& around);

/// `$XDG_CONFIG_HOME/muster/credentials.json`, or under `~/.config`.
/// Errors: failed (neither variable is set).
Result<std::filesystem::path> credentials_file(const Surroundings& around);

/// What `muster login` kept; nullopt if there is nothing. Errors: failed.
Result<std::optional<Access>> load_credentials(const std::filesystem::path& file);

/// Replaces `file` in one step; only its owner may read it. Errors: failed.
Result<void> save_credentials(const std::filesystem::path& file, const Access& access);

/// `url` without slashes at its end, so that two ways of writing one address are equal.
std::string plain_url(std::string url);

}  // namespace muster::cli
