#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "core/log/rocks_backup.h"
#include "core/log/rocks_event_log.h"
#include "tools/audit/source/log_source.h"

namespace muster::audit {

/// The log in a server's data folder, while no server has it, or in a backup.
class DataSource final : public LogSource {
 public:
  /// Reads only. Errors: in_use; as of RocksEventLog.
  [[nodiscard]] static Result<std::unique_ptr<DataSource>> open(const std::filesystem::path& data);

  /// The log in a backup, where it is; without `id`, in the newest. Errors: as of RocksBackups.
  [[nodiscard]] static Result<std::unique_ptr<DataSource>> open_backup(
      const std::filesystem::path& backups, std::optional<std::uint32_t> id);

  [[nodiscard]] Result<std::optional<std::string>> checkpoint() override;
  [[nodiscard]] Result<std::optional<std::string>> key() override;
  [[nodiscard]] Result<Entries> entries(std::uint64_t index, std::uint32_t width) override;
  [[nodiscard]] Result<std::optional<TileHashes>> tile(const TileId& id) override;
  [[nodiscard]] bool keeps_partial_tiles() const override { return false; }
  [[nodiscard]] std::unique_ptr<LogSource> another() const override;

  [[nodiscard]] const RocksEventLog& log() const { return *log_; }
  [[nodiscard]] const std::filesystem::path& data() const { return data_; }

  /// What the backup says of itself; nothing of a data folder.
  [[nodiscard]] const std::optional<BackupNote>& note() const { return note_; }

  /// True if there is such a folder: it has a log in it.
  [[nodiscard]] static bool is_one(const std::filesystem::path& folder);

 private:
  DataSource(std::filesystem::path data, std::shared_ptr<RocksEventLog> log,
             std::optional<BackupNote> note = std::nullopt)
      : data_(std::move(data)), log_(std::move(log)), note_(std::move(note)) {}

  std::filesystem::path data_;
  std::shared_ptr<RocksEventLog> log_;
  std::optional<BackupNote> note_;  // Of a backup.
};

}  // namespace muster::audit
