#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

/// The fleet that a filled folder has, and its two releases, which all devices can run.
inline constexpr const char* filled_fleet = "bench/fleet";
[[nodiscard]] std::string filled_commit(std::size_t release);

/// Registers `devices` devices in the data folder of a server that has been started once and does
/// not run, and has each report what it runs: through the engine, as the server would.
/// Returns the uuids of the first `told_max` of them.
/// Errors: as of the store.
[[nodiscard]] Result<std::vector<std::string>> fill_folder(const std::filesystem::path& data,
                                                           std::size_t devices,
                                                           std::size_t told_max,
                                                           const Progress& progress);

}  // namespace muster::bench
