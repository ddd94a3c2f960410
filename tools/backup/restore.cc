#include "tools/backup/restore.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/ulid.h"
#include "core/log/checkpoint/checkpoint_signer.h"
#include "core/log/disk/posix_file.h"
#include "core/log/merkle/proof.h"
#include "core/log/no_subject_keys.h"
#include "core/log/record_codec.h"
#include "core/log/rocks_event_log.h"
#include "tools/backup/restored_keys.h"
#include "tools/store/data_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr const char* epoch_name = "epoch";  // In a folder of backups: the last one given out.

Result<std::string> read_text(const fs::path& file) {
  return PosixFile::open(file, O_RDONLY).and_then([](const PosixFile& in) {
    return in.read_all();
  });
}

/// One run.
class Restore {
 public:
  Restore(const RestoreOrder& order, const SurveyProgress& progress)
      : order_(order), progress_(progress) {}

  Result<RestoreReport> run() {
    const auto done = open()
                          .and_then([this] { return read_last_checkpoint(); })
                          .and_then([this] { return restore_log(); })
                          .and_then([this] { return check_log(); })
                          .and_then([this] { return restore_keys(); })
                          .and_then([this] { return choose_epoch(); })
                          .and_then([this] { return raise_epoch(); })
                          .and_then([this] { return sign(); })
                          .and_then([this] { return folder_->restored(); });
    if (!done) return tl::unexpected(done.error());
    return std::move(report_);
  }

 private:
  Result<void> open() {
    auto backups = RocksBackups::open(order_.backups, RocksBackups::Access::read);
    if (!backups) return tl::unexpected(std::move(backups).error());
    backups_ = *std::move(backups);
    auto backup = backups_->find(order_.id);
    if (!backup) return tl::unexpected(std::move(backup).error());
    report_.backup = *std::move(backup);
    return {};
  }

  Result<void> read_last_checkpoint() {
    std::string note = report_.backup.note.checkpoint;
    if (!order_.last_checkpoint.empty()) {
      auto text = read_text(order_.last_checkpoint);
      if (!text) return tl::unexpected(std::move(text).error());
      note = *std::move(text);
    }
    if (note.empty()) return {};
    auto last = parse_checkpoint(note);
    if (!last) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("{} is no checkpoint: {}", order_.last_checkpoint.string(),
                              last.error().message));
    }
    origin_ = parse_origin(last->origin);
    if (origin_.log != to_string(report_.backup.note.log)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("the checkpoint is of the log {}, the backup of {}: give the one of "
                              "the same log",
                              origin_.log, to_string(report_.backup.note.log)));
    }
    last_ = *std::move(last);
    return {};
  }

  Result<void> restore_log() {
    auto folder = DataFolder::open_to_restore(order_.data);
    if (!folder) return tl::unexpected(std::move(folder).error());
    folder_.emplace(*std::move(folder));
    if (auto done = backups_->restore(report_.backup.id, folder_->log()); !done) return done;
    auto log = RocksEventLog::open(folder_->log());
    if (!log) return tl::unexpected(std::move(log).error());
    log_ = *std::move(log);
    return {};
  }

  Result<void> check_log() {
    const TreeHead& noted = report_.backup.note.head;
    auto found = survey(*log_, noted.size, progress_);
    if (!found) return tl::unexpected(std::move(found).error());
    found_ = *std::move(found);
    report_.log = found_.log;
    report_.events = found_.head.size;
    report_.last_event = found_.last_event;
    report_.previous_epoch = found_.epoch();
    if (found_.log == report_.backup.note.log && found_.asked == noted) return check_fork();
    return fail(ErrorCode::corrupt,
                fmt::format("what is in backup {} is not the log that it says: {} events with root "
                            "{}; use another backup",
                            report_.backup.id, noted.size, to_hex(noted.root)));
  }

  /// What was signed must be in the backup as it was signed, or is known to be gone.
  Result<void> check_fork() {
    if (!last_ || origin_.epoch < found_.epoch()) return {};
    if (last_->head.size > found_.head.size) {
      report_.known_end = last_->head.size;
      return {};
    }
    if (origin_.epoch > found_.epoch()) return {};  // Of another life, which went on elsewhere.
    const auto root = root_at(*log_, last_->head.size);
    if (!root) return tl::unexpected(root.error());
    if (*root == last_->head.root) return {};
    return fail(ErrorCode::corrupt,
                fmt::format("backup {} is not of the log whose {} events were signed with root {}: "
                            "use another backup, or leave out --last-checkpoint to go on without "
                            "that proof",
                            report_.backup.id, last_->head.size, to_hex(last_->head.root)));
  }

  Result<void> restore_keys() {
    auto keys = take_keys({.from = order_.keys,
                           .ledgers = {order_.backups / erasures_name, order_.erasures},
                           .to = *folder_,
                           .users = found_.users,
                           .now = order_.now});
    if (!keys) return tl::unexpected(std::move(keys).error());
    report_.kept_keys = std::move(keys->kept);
    report_.new_keys = std::move(keys->missing);
    report_.erased = keys->erased;
    return {};
  }

  /// Higher than every epoch that anything at hand knows of, and than the time, so that no two
  /// lives of the log share one: also if a backup is restored twice, or the clock is wrong.
  Result<void> choose_epoch() {
    std::uint64_t known = std::max(found_.epoch(), order_.epoch > 0 ? order_.epoch - 1 : 0);
    if (last_) known = std::max(known, origin_.epoch);
    const auto backups = backups_->list();
    if (!backups) return tl::unexpected(backups.error());
    for (const StoredBackup& backup : *backups) known = std::max(known, backup.note.epoch);
    const fs::path given = order_.backups / epoch_name;
    std::error_code ignored;
    if (fs::exists(given, ignored)) {
      const auto text = read_text(given);
      if (!text) return tl::unexpected(text.error());
      std::uint64_t before = 0;
      std::from_chars(text->data(), text->data() + text->size(), before);
      known = std::max(known, before);
    }
    const auto seconds =
        std::chrono::floor<std::chrono::seconds>(order_.now).time_since_epoch().count();
    report_.epoch = std::max(known + 1, static_cast<std::uint64_t>(std::max<long>(seconds, 0)));
    const auto written = write_secret(given, fmt::format("{}\n", report_.epoch));
    if (!written) {
      log_warn("epoch not noted beside the backups: cause=\"{}\"", written.error().message);
    }
    return {};
  }

  Result<void> raise_epoch() {
    NoSubjectKeys none;
    const RecordCodec codec(none);
    const Timestamp at = std::max(order_.now, found_.last_event);
    auto record =
        codec.encode(Recorded{.sequence = Sequence{report_.events + 1},
                              .meta = {.at = at, .command = random_ulid(at)},
                              .event = LogRestored{.epoch = report_.epoch,
                                                   .previous = report_.previous_epoch,
                                                   .known_end = Sequence{report_.known_end}}});
    if (!record) return tl::unexpected(std::move(record).error());
    const std::array records{*std::move(record)};
    Result<void> appended;
    log_->append(records, [&](const Result<Sequence>& last) {
      if (!last) appended = tl::unexpected(last.error());
    });
    return appended;
  }

  Result<void> sign() {
    const auto signer = CheckpointSigner::open(
        {.key = folder_->checkpoint_key(),
         .latest = folder_->checkpoint(),
         .verifier = folder_->checkpoint_verifier()},
        {.name = origin_.name, .log = report_.log, .epoch = report_.epoch}, *log_);
    if (!signer) return tl::unexpected(signer.error());
    report_.origin = (*signer)->verifier().name();
    report_.key = (*signer)->verifier().text();
    const auto made = (*signer)->sign();
    if (!made) return tl::unexpected(made.error());
    return {};
  }

  const RestoreOrder& order_;
  const SurveyProgress& progress_;
  std::unique_ptr<RocksBackups> backups_;
  std::optional<DataFolder> folder_;
  std::unique_ptr<RocksEventLog> log_;
  std::optional<Checkpoint> last_;  // The last one known.
  Origin origin_;                   // Its parts.
  LogSurvey found_;
  RestoreReport report_;
};

}  // namespace

Result<RestoreReport> restore(const RestoreOrder& order, const SurveyProgress& progress) {
  return Restore(order, progress).run();
}

}  // namespace muster
