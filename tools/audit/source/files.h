#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster::audit {

/// All of `file`; nullopt if there is none. Errors: failed.
[[nodiscard]] Result<std::optional<std::string>> read_file(const std::filesystem::path& file);

/// The one line in `file`; nullopt if there is no file. Errors: failed.
[[nodiscard]] Result<std::optional<std::string>> read_line(const std::filesystem::path& file);

/// Writes `file`, durably and in one step, and the folders above it. Errors: failed.
[[nodiscard]] Result<void> write_file(const std::filesystem::path& file, std::string_view content);

}  // namespace muster::audit
