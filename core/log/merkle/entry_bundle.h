#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace muster {

// Bundles of C2SP tlog-tiles: records one after the other, each with its length before it.

/// Adds a record of at most record_size_max bytes to a bundle.
void append_entry(std::string& bundle, std::string_view record);

/// The records in `bundle`, which point into it. Errors: corrupt if it is cut off or too long.
[[nodiscard]] Result<std::vector<std::string_view>> split_bundle(std::string_view bundle);

}  // namespace muster
