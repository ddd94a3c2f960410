#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/log/rocks_backup.h"
#include "core/log/rocks_event_log.h"

namespace muster {

/// Whose backup is made, and what is kept of those before.
struct BackupOrder {
  std::filesystem::path folder;
  const RocksEventLog& log;
  Uuid uuid;
  std::uint64_t epoch = 0;
  std::string checkpoint;          // The signed note of the last one; empty: none.
  std::string key;                 // That checks it.
  std::filesystem::path erasures;  // The ledger, of which a copy is kept beside the backups.
  Timestamp now;
  std::string made_by;                // The version of Muster.
  std::optional<std::uint32_t> keep;  // So many are kept; nothing: all.
};

struct BackupReport {
  StoredBackup backup;
  std::uint32_t removed = 0;
};

/// Makes a backup. Older ones are removed only after the new one was read again and found whole.
/// Errors: as of RocksBackups.
[[nodiscard]] Result<BackupReport> make_backup(const BackupOrder& order,
                                               const RocksBackups::Progress& progress);

/// The same of a data folder that no server uses.
/// Errors: also in_use; invalid_input if there is no log.
[[nodiscard]] Result<BackupReport> make_backup_of(const std::filesystem::path& data,
                                                  const std::filesystem::path& folder,
                                                  std::optional<std::uint32_t> keep,
                                                  const std::string& made_by,
                                                  const RocksBackups::Progress& progress);

}  // namespace muster
