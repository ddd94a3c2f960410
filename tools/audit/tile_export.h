#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/error.h"
#include "tools/audit/source/log_source.h"

namespace muster::audit {

/// What an export made of a folder.
struct ExportReport {
  std::string origin;
  std::uint64_t size = 0;     // Of the checkpoint.
  std::uint64_t written = 0;  // Tiles and bundles that were not there.
  std::uint64_t kept = 0;     // Those that were.
};

/// Brings `folder`, made if it is missing, to the latest checkpoint of `source`: all tiles and
/// bundles, then the checkpoint, so that a cut-off export leaves the earlier one whole. Full tiles
/// that are there already are not fetched again. `progress`: tiles done, of how many.
///
/// What is copied is checked to belong together, not to be right: `muster audit verify` does that.
/// Errors: invalid_input if `folder` holds another log, a larger tree, or something else;
/// unavailable if nothing was signed yet; as of the source; failed.
[[nodiscard]] Result<ExportReport> export_tiles(
    LogSource& source, const std::filesystem::path& folder,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress);

}  // namespace muster::audit
