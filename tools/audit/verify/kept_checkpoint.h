#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/log/checkpoint/checkpoint.h"

namespace muster::audit {

/// What a verifier remembers of a log between two runs: the checkpoint it found right last, and the
/// key it trusts.
struct KeptCheckpoint {
  Checkpoint checkpoint;
  std::string key;
  std::string verified_at;
};

/// Where that is kept in `folder` for the log of that origin.
[[nodiscard]] std::filesystem::path kept_file(const std::filesystem::path& folder,
                                              const std::string& origin);

/// Nullopt if nothing was kept yet. Errors: failed, also if the file makes no sense: it is never
/// taken for nothing.
[[nodiscard]] Result<std::optional<KeptCheckpoint>> load_kept(const std::filesystem::path& file);

/// Durable, in one step. Errors: failed.
[[nodiscard]] Result<void> store_kept(const std::filesystem::path& file,
                                      const KeptCheckpoint& kept);

}  // namespace muster::audit
