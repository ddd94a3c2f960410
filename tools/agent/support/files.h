#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"

namespace muster::agent {

/// The whole file. Errors: failed.
Result<std::string> read_file(const std::filesystem::path& file);

/// Puts `text` in the place of `file` in one step and makes it durable: temporary file, fsync,
/// rename, fsync of the folder. Errors: failed.
Result<void> replace_file(const std::filesystem::path& file, std::string_view text);

/// Makes durable what was made in, or removed from, `folder`. Errors: failed.
Result<void> sync_folder(const std::filesystem::path& folder);

/// Keeps `folder` for this process until the result is destroyed.
/// Errors: in_use (another process has it), failed.
Result<UniqueFd> lock_folder(const std::filesystem::path& folder);

}  // namespace muster::agent
