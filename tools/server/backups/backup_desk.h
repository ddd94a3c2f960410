#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "broker-bridge/channel/payload.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/log/rocks_event_log.h"
#include "tools/backup/make_backup.h"

namespace muster {

class CheckpointThread;

/// One piece of work on the backups, running or the last one.
struct BackupTask {
  std::uint64_t number = 0;  // 0: there was none yet.
  std::string_view kind;     // `create` or `verify`
  bool running = false;
  std::uint64_t done_bytes = 0;
  std::uint64_t total_bytes = 0;
  std::optional<StoredBackup> backup;  // What it made, or found whole.
  std::uint32_t removed = 0;
  std::optional<Error> error;
};

/// Makes and verifies the server's backups, one at a time, on a thread of its own. Any thread may
/// ask.
class BackupDesk {
 public:
  struct Parts {
    const RocksEventLog& log;
    const LogIdentity& identity;
    const CheckpointThread& checkpoints;
    const Clock& clock;
    std::filesystem::path erasures;
  };

  /// `folder`: where they are; empty: this server makes none.
  BackupDesk(std::filesystem::path folder, Parts parts);
  BackupDesk(const BackupDesk&) = delete;
  BackupDesk& operator=(const BackupDesk&) = delete;

  /// Ends a backup in hand before it is whole, as if it had not begun; waits for a check in hand.
  ~BackupDesk() = default;

  /// Begins a backup, or the check of one (nothing: the newest), and gives its task.
  /// Errors: unavailable while another runs; invalid_input if this server makes no backups.
  [[nodiscard]] Result<BackupTask> create(std::optional<std::uint32_t> keep);
  [[nodiscard]] Result<BackupTask> verify(std::optional<std::uint32_t> id);

  /// How the work in hand is, or how the last one went.
  [[nodiscard]] BackupTask task() const;

  /// All backups, the oldest first. Errors: also invalid_input if this server makes none.
  [[nodiscard]] Result<std::vector<StoredBackup>> list() const;

  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

 private:
  using Work = std::function<Result<BackupReport>(const std::stop_token& stop)>;
  [[nodiscard]] Result<void> check_folder() const;
  [[nodiscard]] Result<BackupTask> begin(std::string_view kind, Work work);
  [[nodiscard]] Result<BackupReport> make(std::optional<std::uint32_t> keep,
                                          const std::stop_token& stop);
  void finish(const Result<BackupReport>& outcome);

  const std::filesystem::path folder_;
  const Parts parts_;
  mutable std::mutex mutex_;
  BackupTask task_;      // Guarded by mutex_.
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
