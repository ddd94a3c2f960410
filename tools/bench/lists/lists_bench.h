#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/lists/list_latency.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

struct ListsOptions {
  std::filesystem::path folder;     // On the disk to measure; empty: the one for temporary files.
  std::filesystem::path program;    // What is started as `PROGRAM serve`.
  std::size_t devices = 1'000'000;  // Registered.
  std::size_t requests = 20;        // For each list.
};

struct ListsResult {
  std::size_t devices = 0;
  std::chrono::nanoseconds filling{0};  // Until all devices were made and folded.
  std::vector<ListRow> lists;
};

/// Fills a server with devices and measures it, in a process of its own.
/// Errors: invalid_input (options); failed, unavailable.
[[nodiscard]] Result<ListsResult> run_lists(const ListsOptions& options, const Progress& progress);

}  // namespace muster::bench
