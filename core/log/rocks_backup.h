#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/log/backup/backup_note.h"
#include "core/log/disk/posix_file.h"
#include "core/log/event_log.h"

namespace muster {

class RocksEventLog;

/// One backup in a folder of backups.
struct StoredBackup {
  std::uint32_t id = 0;
  std::uint64_t bytes = 0;  // With the files that it shares with others.
  std::uint32_t files = 0;
  BackupNote note;
};

/// A folder with backups of one log: docs/log-format.md. A file that is in several is stored once,
/// so each costs what was added since the one before. What a crash left behind of a backup that
/// was being made is no backup, and is removed when the next is made.
///
/// One process at a time makes backups; others may read meanwhile. One thread at a time.
class RocksBackups {
 public:
  enum class Access { read, write };

  /// Opens the backups in `folder`; for writing it is made if it is missing or empty.
  /// Errors: in_use; invalid_input if there are no backups to read, or `folder` holds something
  /// else; failed.
  [[nodiscard]] static Result<std::unique_ptr<RocksBackups>> open(
      const std::filesystem::path& folder, Access access);
  RocksBackups(const RocksBackups&) = delete;
  RocksBackups& operator=(const RocksBackups&) = delete;
  ~RocksBackups();

  /// All of them, the oldest first. Errors: corrupt; incompatible.
  [[nodiscard]] Result<std::vector<StoredBackup>> list() const;

  /// The one with that id; without one, the newest.
  /// Errors: invalid_input if there is none; corrupt; incompatible.
  [[nodiscard]] Result<StoredBackup> find(std::optional<std::uint32_t> id) const;

  /// Told now and then how many bytes are done, of about so many; returns whether to go on.
  using Progress = std::function<bool(std::uint64_t done, std::uint64_t total)>;

  /// Makes one of `log`, which may be appended to meanwhile; durable when this returns. `note` was
  /// taken from the log before.
  /// Errors: unavailable if there is too little room, or `progress` ended it: then no backup was
  /// added; invalid_input if the folder is of another log; failed.
  [[nodiscard]] Result<StoredBackup> create(const RocksEventLog& log, const BackupNote& note,
                                            const Progress& progress);

  /// Reads every file of that backup and compares it with its checksum.
  /// Errors: corrupt, naming the file; invalid_input if there is none; failed.
  [[nodiscard]] Result<void> verify(std::uint32_t id) const;

  /// Removes all but the `newest` newest; says how many went. Errors: failed.
  [[nodiscard]] Result<std::uint32_t> keep(std::uint32_t newest);

  /// Puts the log of that backup into `folder`, where none may be. A crash before the end leaves
  /// no log there. Errors: invalid_input; unavailable if there is too little room; corrupt; failed.
  [[nodiscard]] Result<void> restore(std::uint32_t id, const std::filesystem::path& folder) const;

  /// The log in that backup, to be read where it is. Errors: as of RocksEventLog.
  [[nodiscard]] Result<std::unique_ptr<RocksEventLog>> open_log(std::uint32_t id) const;

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return lock_.path(); }

  /// True if `folder` has backups in it.
  [[nodiscard]] static bool is_one(const std::filesystem::path& folder);

 private:
  struct Engine;  // What knows RocksDB.
  RocksBackups(PosixFile lock, std::unique_ptr<Engine> engine);

  [[nodiscard]] Result<void> check_room(const RocksEventLog& log) const;

  PosixFile lock_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace muster
