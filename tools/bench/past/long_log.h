#pragma once

#include <cstddef>
#include <filesystem>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

inline constexpr const char* past_fleet = "bench/past";

/// Fills the data folder of a server that does not run: `devices` in one fleet, then single pins,
/// returns to the fleet, reports and pins of the whole fleet, turn and turn about, until there are
/// about `events`. Returns when all is folded. Errors: as of the parts.
[[nodiscard]] Result<void> fill_long_log(const std::filesystem::path& data, std::size_t devices,
                                         std::size_t events, const Progress& progress);

}  // namespace muster::bench
