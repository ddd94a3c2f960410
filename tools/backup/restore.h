#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/log/rocks_backup.h"
#include "tools/backup/log_survey.h"

namespace muster {

/// Which backup is restored, where, and what was kept of the lost server beside it.
struct RestoreOrder {
  std::filesystem::path backups;
  std::optional<std::uint32_t> id;        // Nothing: the newest.
  std::filesystem::path data;             // Where nothing is yet.
  std::filesystem::path keys;             // A kept copy of `keys/`; empty: new keys are made.
  std::filesystem::path last_checkpoint;  // The last one that is known; empty: that of the backup.
  std::filesystem::path erasures;         // A newer ledger than those kept elsewhere; empty: none.
  std::uint64_t epoch = 0;                // The new epoch is at least this.
  Timestamp now;
};

struct RestoreReport {
  StoredBackup backup;
  Uuid log;
  std::uint64_t events = 0;  // In the restored log, without the event that says so.
  Timestamp last_event;      // When the last of them was stored.
  std::uint64_t epoch = 0;
  std::uint64_t previous_epoch = 0;
  std::uint64_t known_end = 0;  // The last event known of the lost log; 0: none behind these.
  std::string origin;           // Of the checkpoints from now on.
  std::string key;              // With which they are checked.
  std::vector<std::string> kept_keys;  // Files of `keys/` that were taken over.
  std::vector<std::string> new_keys;   // Those that were not there: they are made anew.
  std::size_t erased = 0;              // Users who are erased again.
};

/// Makes a data folder of a backup, in a new epoch of the log. Nothing is served or signed before
/// the epoch is durable. Cut short at any moment, a server refuses the folder, and the same order
/// begins anew.
/// Errors: as of RocksBackups and DataFolder; corrupt if what was restored is not what was backed
/// up; invalid_input for a checkpoint of another log.
[[nodiscard]] Result<RestoreReport> restore(const RestoreOrder& order,
                                            const SurveyProgress& progress);

}  // namespace muster
