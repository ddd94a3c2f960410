#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/error.h"

namespace muster {

/// Writes `text` to a file that only its owner may read, durably, in one step.
/// Errors: failed.
[[nodiscard]] Result<void> write_secret(const std::filesystem::path& file, std::string_view text);

}  // namespace muster
