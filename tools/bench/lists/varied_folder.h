#pragma once

#include <cstddef>
#include <filesystem>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

// The organisation, fleets and releases that fill_varied_folder makes.
inline constexpr const char* varied_organisation = "bench";
inline constexpr const char* varied_fleet_large = "bench/large";    // 80 % of the devices.
inline constexpr const char* varied_fleet_medium = "bench/medium";  // 15 %.
inline constexpr const char* varied_fleet_small = "bench/small";    // The rest.

/// Fills the data folder of a server that does not run with `devices` in three fleets, through the
/// writer as if they had come one by one: of each fleet two releases (1.0.0 and 2.0.0, its target);
/// every 5th device has tags (`site`, of 1,000 values, and `rack`), every 2nd reported what it runs
/// (nine of ten of these the target) and its versions, every 50th is pinned to the old release.
/// Names and uuids are in another order than ids. Returns when all is folded.
/// Errors: as of the parts.
[[nodiscard]] Result<void> fill_varied_folder(const std::filesystem::path& data,
                                              std::size_t devices, const Progress& progress);

}  // namespace muster::bench
