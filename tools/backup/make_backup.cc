#include "tools/backup/make_backup.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "core/log/disk/posix_file.h"
#include "core/log/no_subject_keys.h"
#include "core/log/record_codec.h"
#include "tools/backup/log_survey.h"
#include "tools/store/data_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

/// When the event `at` was stored.
Result<Timestamp> time_of(const EventLog& log, Sequence at) {
  NoSubjectKeys keys;
  const RecordCodec codec(keys);
  return log.read(at)
      .and_then([&](const Record& record) { return codec.decode(at, record); })
      .map([](const Recorded& event) { return event.meta.at; });
}

/// What is in `file`; nothing if there is none.
Result<std::string> read_if_there(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::string();
  return PosixFile::open(file, O_RDONLY).and_then([](const PosixFile& in) {
    return in.read_all();
  });
}

}  // namespace

Result<BackupReport> make_backup(const BackupOrder& order, const RocksBackups::Progress& progress) {
  const TreeHead head = order.log.tree_head();
  if (head.size == 0) return fail(ErrorCode::invalid_input, "the log is empty: there is nothing");
  const auto last_event = time_of(order.log, Sequence{head.size});
  if (!last_event) return tl::unexpected(last_event.error());
  auto backups = RocksBackups::open(order.folder, RocksBackups::Access::write);
  if (!backups) return tl::unexpected(std::move(backups).error());
  auto made = (*backups)->create(order.log,
                                 BackupNote{.log = order.uuid,
                                            .epoch = order.epoch,
                                            .head = head,
                                            .last_event = *last_event,
                                            .made_at = order.now,
                                            .made_by = order.made_by,
                                            .checkpoint = order.checkpoint,
                                            .key = order.key},
                                 progress);
  if (!made) return tl::unexpected(std::move(made).error());
  const auto beside = load_erasures(order.erasures).and_then([&](const auto& erasures) {
    return add_erasures(order.folder / erasures_name, erasures);
  });
  if (!beside) return tl::unexpected(beside.error());
  BackupReport report{.backup = *std::move(made)};
  if (!order.keep) return report;
  if (auto whole = (*backups)->verify(report.backup.id); !whole) {
    return tl::unexpected(std::move(whole).error());
  }
  const auto removed = (*backups)->keep(*order.keep);
  if (!removed) return tl::unexpected(removed.error());
  report.removed = *removed;
  return report;
}

Result<BackupReport> make_backup_of(const fs::path& data, const fs::path& folder,
                                    std::optional<std::uint32_t> keep, const std::string& made_by,
                                    const RocksBackups::Progress& progress) {
  std::error_code ignored;
  if (!fs::is_directory(data / "log", ignored)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("there is no log in {}: name a server's data folder", data.string()));
  }
  const auto owned = DataFolder::open(data);
  if (!owned) return tl::unexpected(owned.error());
  const auto log = RocksEventLog::open(owned->log());
  if (!log) return tl::unexpected(log.error());
  const auto found = survey(**log, 0, [](std::uint64_t, std::uint64_t) {});
  if (!found) return tl::unexpected(found.error());
  const auto checkpoint = read_if_there(owned->checkpoint());
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  auto key = read_if_there(owned->checkpoint_verifier());
  if (!key) return tl::unexpected(key.error());
  if (!key->empty() && key->back() == '\n') key->pop_back();
  return make_backup({.folder = folder,
                      .log = **log,
                      .uuid = found->log,
                      .epoch = found->epoch(),
                      .checkpoint = *checkpoint,
                      .key = *key,
                      .erasures = owned->erasures(),
                      .now = SystemClock().now(),
                      .made_by = made_by,
                      .keep = keep},
                     progress);
}

}  // namespace muster
