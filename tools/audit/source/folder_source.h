#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "tools/audit/source/log_source.h"

namespace muster::audit {

/// A log in a folder of tiles, as `muster audit export --tiles` writes it (docs/audit.md).
class FolderSource final : public LogSource {
 public:
  explicit FolderSource(std::filesystem::path folder) : folder_(std::move(folder)) {}

  [[nodiscard]] Result<std::optional<std::string>> checkpoint() override;
  [[nodiscard]] Result<std::optional<std::string>> key() override;
  [[nodiscard]] Result<Entries> entries(std::uint64_t index, std::uint32_t width) override;
  [[nodiscard]] Result<std::optional<TileHashes>> tile(const TileId& id) override;
  [[nodiscard]] bool keeps_partial_tiles() const override { return true; }
  [[nodiscard]] std::unique_ptr<LogSource> another() const override;

  // Names in such a folder, beside the tiles' own.
  static constexpr const char* checkpoint_name = "checkpoint";
  static constexpr const char* key_name = "checkpoint.vkey";

  /// True if there is such a folder: it has a checkpoint in it.
  [[nodiscard]] static bool is_one(const std::filesystem::path& folder);

 private:
  std::filesystem::path folder_;
};

}  // namespace muster::audit
