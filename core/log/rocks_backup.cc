#include "core/log/rocks_backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/metadata.h>
#include <rocksdb/utilities/backup_engine.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "core/log/disk/disk_gate.h"
#include "core/log/disk/log_folder.h"
#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks_event_log.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr const char* engine_name = "engine";
constexpr std::uint64_t told_every = std::uint64_t{1} << 20U;
// Left for whoever else writes to that disk: the log ends its process when it is full.
constexpr std::uint64_t room_left = std::uint64_t{320} << 20U;

fs::path engine_folder(const fs::path& folder) { return folder / engine_name; }

rocksdb::BackupEngineOptions engine_options(const fs::path& folder) {
  // A log is read where it is by its absolute path only.
  rocksdb::BackupEngineOptions options(fs::absolute(engine_folder(folder)).string());
  options.share_table_files = true;
  options.share_files_with_checksum = true;
  options.sync = true;
  options.callback_trigger_interval_size = told_every;
  return options;
}

Error engine_error(const rocksdb::Status& status, const fs::path& folder, std::string_view what) {
  const std::string why = status.ToString();
  if (status.IsNoSpace()) return to_error(status, folder);
  if (status.IsCorruption() || status.IsNotFound() || status.IsPathNotFound()) {
    return Error{ErrorCode::corrupt, fmt::format("{} in {} is damaged: {}: use another backup",
                                                 what, folder.string(), why)};
  }
  return Error{ErrorCode::failed, fmt::format("{} in {}: {}", what, folder.string(), why)};
}

Error too_little_room(const fs::path& folder, std::uint64_t needed, std::uint64_t free) {
  constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
  return Error{ErrorCode::unavailable,
               fmt::format("too little room in {}: about {} MiB are needed, {} MiB are free; make "
                           "room, or take a folder on another disk",
                           folder.string(), needed / mebibyte + 1, free / mebibyte)};
}

Result<StoredBackup> to_stored(const rocksdb::BackupInfo& info, const fs::path& folder) {
  auto note = parse_backup_note(info.app_metadata);
  if (!note) {
    return fail(note.error().code, fmt::format("backup {} in {}: {}", info.backup_id,
                                               folder.string(), note.error().message));
  }
  return StoredBackup{.id = info.backup_id,
                      .bytes = info.size,
                      .files = info.number_files,
                      .note = *std::move(note)};
}

/// What the engine restored is not synced by it.
Result<void> sync_all(const fs::path& folder) {
  std::error_code why;
  for (const auto& entry : fs::directory_iterator(folder, why)) {
    auto file = PosixFile::open(entry.path(), O_RDONLY);
    if (!file) return tl::unexpected(std::move(file).error());
    if (auto synced = file->sync(); !synced) return synced;
  }
  if (why) {
    return fail(ErrorCode::failed,
                fmt::format("cannot list {}: {}", folder.string(), why.message()));
  }
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code why;
  fs::create_directories(engine_folder(folder), why);
  if (!why) fs::permissions(folder, fs::perms::owner_all, why);
  if (!why) return sync_folder(folder);
  return fail(ErrorCode::failed,
              fmt::format("cannot make the folder {}: {}", folder.string(), why.message()));
}

}  // namespace

/// One of the two, by the right to write.
struct RocksBackups::Engine {
  std::unique_ptr<rocksdb::BackupEngine> writer;
  std::unique_ptr<rocksdb::BackupEngineReadOnly> reader;

  [[nodiscard]] const rocksdb::BackupEngineReadOnlyBase& read() const {
    if (writer != nullptr) return *writer;
    return *reader;
  }
};

bool RocksBackups::is_one(const fs::path& folder) {
  std::error_code ignored;
  return !folder.empty() && fs::is_directory(engine_folder(folder) / "meta", ignored);
}

Result<std::unique_ptr<RocksBackups>> RocksBackups::open(const fs::path& folder, Access access) {
  std::error_code ignored;
  const bool is_new = !fs::exists(engine_folder(folder), ignored);
  if (access == Access::read && !is_one(folder)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("there are no backups in {}: name the folder that was given to "
                            "`muster serve --backups` or `muster backup create`",
                            folder.string()));
  }
  if (is_new && fs::exists(folder, ignored) && !fs::is_empty(folder, ignored)) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("{} holds something else than backups: name an empty folder", folder.string()));
  }
  if (is_new) {
    if (auto made = make_folder(folder); !made) return tl::unexpected(std::move(made).error());
  }
  auto lock = PosixFile::open(folder, O_RDONLY | O_DIRECTORY);
  if (!lock) return tl::unexpected(std::move(lock).error());
  if (access == Access::write) {
    if (auto locked = lock->lock(PosixFile::Lock::exclusive); !locked) {
      if (locked.error().code != ErrorCode::in_use) return tl::unexpected(locked.error());
      return fail(ErrorCode::in_use, fmt::format("another process makes a backup in {}: wait until "
                                                 "it is done",
                                                 folder.string()));
    }
  }
  auto engine = std::make_unique<Engine>();
  rocksdb::Status status;
  if (access == Access::write) {
    rocksdb::BackupEngine* raw = nullptr;
    status = rocksdb::BackupEngine::Open(engine_options(folder), rocksdb::Env::Default(), &raw);
    engine->writer.reset(raw);
  } else {
    rocksdb::BackupEngineReadOnly* raw = nullptr;
    status =
        rocksdb::BackupEngineReadOnly::Open(engine_options(folder), rocksdb::Env::Default(), &raw);
    engine->reader.reset(raw);
  }
  if (!status.ok()) return tl::unexpected(engine_error(status, folder, "the list of backups"));
  return std::unique_ptr<RocksBackups>(new RocksBackups(*std::move(lock), std::move(engine)));
}

RocksBackups::RocksBackups(PosixFile lock, std::unique_ptr<Engine> engine)
    : lock_(std::move(lock)), engine_(std::move(engine)) {}

RocksBackups::~RocksBackups() = default;

Result<std::vector<StoredBackup>> RocksBackups::list() const {
  std::vector<rocksdb::BackupInfo> infos;
  engine_->read().GetBackupInfo(&infos);
  std::vector<StoredBackup> all;
  for (const auto& info : infos) {
    auto stored = to_stored(info, folder());
    if (!stored) return tl::unexpected(std::move(stored).error());
    all.push_back(*std::move(stored));
  }
  return all;
}

Result<StoredBackup> RocksBackups::find(std::optional<std::uint32_t> id) const {
  auto all = list();
  if (!all) return tl::unexpected(std::move(all).error());
  if (all->empty()) {
    return fail(ErrorCode::invalid_input,
                fmt::format("there is no whole backup in {}", folder().string()));
  }
  if (!id) return all->back();
  const auto found = std::ranges::find(*all, *id, &StoredBackup::id);
  if (found != all->end()) return *found;
  return fail(ErrorCode::invalid_input,
              fmt::format("there is no backup {} in {}: the oldest is {}, the newest {}; `muster "
                          "backup list` shows all",
                          *id, folder().string(), all->front().id, all->back().id));
}

Result<void> RocksBackups::check_room(const RocksEventLog& log) const {
  const auto free = DiskGate::free_bytes_of(folder());
  if (!free) return tl::unexpected(free.error());
  std::vector<rocksdb::LiveFileMetaData> files;
  log.database().db().GetLiveFilesMetaData(&files);
  std::uint64_t live = 0;
  for (const auto& file : files) live += file.size;
  std::vector<rocksdb::BackupInfo> infos;
  engine_->read().GetBackupInfo(&infos);
  const std::uint64_t shared = infos.empty() ? 0 : infos.back().size;
  const std::uint64_t needed = room_left + (live > shared ? live - shared : 0);
  if (*free >= needed) return {};
  return tl::unexpected(too_little_room(folder(), needed, *free));
}

Result<StoredBackup> RocksBackups::create(const RocksEventLog& log, const BackupNote& note,
                                          const Progress& progress) {
  const auto before = list();
  if (!before) return tl::unexpected(before.error());
  if (!before->empty() && before->back().note.log != note.log) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("the backups in {} are of the log {}, not of {}: give each log a "
                    "folder of its own",
                    folder().string(), to_string(before->back().note.log), to_string(note.log)));
  }
  if (auto room = check_room(log); !room) return tl::unexpected(std::move(room).error());
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::vector<rocksdb::LiveFileMetaData> files;
  log.database().db().GetLiveFilesMetaData(&files);
  for (const auto& file : files) total += file.size;
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;
  options.progress_callback = [&] {
    done += told_every;
    if (!progress(done, std::max(done, total))) engine_->writer->StopBackup();
  };
  rocksdb::BackupID id = 0;
  const auto status = engine_->writer->CreateNewBackupWithMetadata(options, &log.database().db(),
                                                                   to_text(note), &id);
  if (status.IsIncomplete()) {
    return fail(ErrorCode::unavailable,
                fmt::format("{}: the backup was stopped before it was whole, none was added; make "
                            "it again",
                            folder().string()));
  }
  if (!status.ok()) return tl::unexpected(engine_error(status, folder(), "the new backup"));
  return find(id);
}

Result<void> RocksBackups::verify(std::uint32_t id) const {
  if (const auto there = find(id); !there) return tl::unexpected(there.error());
  const auto status = engine_->read().VerifyBackup(id, true);
  if (status.ok()) return {};
  return tl::unexpected(engine_error(status, folder(), fmt::format("backup {}", id)));
}

Result<std::uint32_t> RocksBackups::keep(std::uint32_t newest) {
  const auto before = list();
  if (!before) return tl::unexpected(before.error());
  if (before->size() <= newest) return 0;
  const auto status = engine_->writer->PurgeOldBackups(newest);
  if (!status.ok()) return tl::unexpected(engine_error(status, folder(), "old backups"));
  return static_cast<std::uint32_t>(before->size() - newest);
}

Result<void> RocksBackups::restore(std::uint32_t id, const fs::path& to) const {
  const auto backup = find(id);
  if (!backup) return tl::unexpected(backup.error());
  const auto target = LogFolder::open(to, LogFolder::Access::write);
  if (!target) return tl::unexpected(target.error());
  if (target->has_database()) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("there is a log in {}: restore into a folder without one", to.string()));
  }
  const auto free = DiskGate::free_bytes_of(to);
  if (!free) return tl::unexpected(free.error());
  if (*free < backup->bytes + room_left) {
    return tl::unexpected(too_little_room(to, backup->bytes + room_left, *free));
  }
  const auto place = target->prepare_new_database();
  if (!place) return tl::unexpected(place.error());
  const auto status = engine_->read().RestoreDBFromBackup(rocksdb::RestoreOptions(), id,
                                                          place->string(), place->string());
  if (status.IsNoSpace()) return tl::unexpected(to_error(status, to));
  if (!status.ok()) {
    return tl::unexpected(engine_error(status, folder(), fmt::format("backup {}", id)));
  }
  return sync_all(*place).and_then([&] { return target->commit_new_database(); });
}

Result<std::unique_ptr<RocksEventLog>> RocksBackups::open_log(std::uint32_t id) const {
  rocksdb::BackupInfo info;
  const auto status = engine_->read().GetBackupInfo(id, &info, true);
  if (!status.ok()) {
    return tl::unexpected(engine_error(status, folder(), fmt::format("backup {}", id)));
  }
  return RocksEventLog::open_elsewhere(info.name_for_open, info.env_for_open);
}

}  // namespace muster
