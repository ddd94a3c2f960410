#include "tools/server/backups/backup_desk.h"

#include <utility>

#include "core/base/log.h"
#include "core/base/thread_name.h"
#include "tools/server/checkpoints/checkpoint_thread.h"
#include "tools/server/version.h"

namespace muster {

BackupDesk::BackupDesk(std::filesystem::path folder, Parts parts)
    : folder_(std::move(folder)), parts_(std::move(parts)) {}

Result<void> BackupDesk::check_folder() const {
  if (!folder_.empty()) return {};
  return fail(ErrorCode::invalid_input,
              "this server makes no backups: start it with `muster serve --backups DIR`");
}

Result<BackupTask> BackupDesk::create(std::optional<std::uint32_t> keep) {
  return begin("create", [this, keep](const std::stop_token& stop) { return make(keep, stop); });
}

Result<BackupTask> BackupDesk::verify(std::optional<std::uint32_t> id) {
  return begin("verify", [this, id](const std::stop_token&) -> Result<BackupReport> {
    const auto backups = RocksBackups::open(folder_, RocksBackups::Access::read);
    if (!backups) return tl::unexpected(backups.error());
    auto found = (*backups)->find(id);
    if (!found) return tl::unexpected(std::move(found).error());
    if (auto whole = (*backups)->verify(found->id); !whole) {
      return tl::unexpected(std::move(whole).error());
    }
    return BackupReport{.backup = *std::move(found)};
  });
}

Result<BackupReport> BackupDesk::make(std::optional<std::uint32_t> keep,
                                      const std::stop_token& stop) {
  const auto latest = parts_.checkpoints.latest();
  return make_backup({.folder = folder_,
                      .log = parts_.log,
                      .uuid = parts_.identity.log,
                      .epoch = parts_.identity.epoch,
                      .checkpoint = latest ? latest->note : std::string(),
                      .key = parts_.checkpoints.verifier().text(),
                      .erasures = parts_.erasures,
                      .now = parts_.clock.now(),
                      .made_by = std::string(version_text_of_program()),
                      .keep = keep},
                     [this, &stop](std::uint64_t done, std::uint64_t total) {
                       const std::lock_guard lock(mutex_);
                       task_.done_bytes = done;
                       task_.total_bytes = total;
                       return !stop.stop_requested();
                     });
}

Result<BackupTask> BackupDesk::begin(std::string_view kind, Work work) {
  if (auto there = check_folder(); !there) return tl::unexpected(std::move(there).error());
  const std::lock_guard lock(mutex_);
  if (task_.running) {
    return fail(ErrorCode::unavailable,
                "a backup is being made or verified: wait until it is done");
  }
  task_ = BackupTask{.number = task_.number + 1, .kind = kind, .running = true};
  // The thread before has ended its work: it takes no lock any more.
  thread_ = std::jthread([this, work = std::move(work)](const std::stop_token& stop) {
    name_this_thread("muster-backup");
    finish(work(stop));
  });
  return task_;
}

void BackupDesk::finish(const Result<BackupReport>& outcome) {
  const std::lock_guard lock(mutex_);
  task_.running = false;
  if (!outcome) {
    task_.error = outcome.error();
    log_warn("backup failed: what={} cause=\"{}\"", task_.kind, outcome.error().message);
    return;
  }
  task_.backup = outcome->backup;
  task_.removed = outcome->removed;
  log_info("backup done: what={} id={} events={} bytes={} removed={}", task_.kind,
           outcome->backup.id, outcome->backup.note.head.size, outcome->backup.bytes,
           outcome->removed);
}

BackupTask BackupDesk::task() const {
  const std::lock_guard lock(mutex_);
  return task_;
}

Result<std::vector<StoredBackup>> BackupDesk::list() const {
  if (auto there = check_folder(); !there) return tl::unexpected(std::move(there).error());
  if (!RocksBackups::is_one(folder_)) return std::vector<StoredBackup>{};
  return RocksBackups::open(folder_, RocksBackups::Access::read).and_then([](const auto& backups) {
    return backups->list();
  });
}

}  // namespace muster
