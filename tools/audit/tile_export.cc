#include "tools/audit/tile_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "core/log/checkpoint/checkpoint.h"
#include "core/log/disk/posix_file.h"
#include "tools/audit/source/files.h"
#include "tools/audit/source/folder_source.h"

namespace muster::audit {
namespace {

namespace fs = std::filesystem;

/// One run of an export.
class Export {
 public:
  using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

  Export(LogSource& source, const fs::path& folder, Checkpoint checkpoint, Progress progress)
      : source_(source),
        folder_(folder),
        size_(checkpoint.head.size),
        progress_(std::move(progress)),
        report_{.origin = std::move(checkpoint.origin), .size = size_} {
    for (std::uint32_t level = 0; hashes_of_level(size_, level) > 0; ++level) {
      total_ += tiles_of(level) * (level == 0 ? 2 : 1);
    }
  }

  Result<ExportReport> run() {
    for (std::uint64_t index = 0; index < tiles_of(0); ++index) {
      if (auto done = copy_entries(index); !done) return tl::unexpected(std::move(done).error());
    }
    for (std::uint32_t level = 0; hashes_of_level(size_, level) > 0; ++level) {
      for (std::uint64_t index = 0; index < tiles_of(level); ++index) {
        if (auto done = copy_tile(level, index); !done) {
          return tl::unexpected(std::move(done).error());
        }
      }
    }
    return report_;
  }

 private:
  [[nodiscard]] std::uint64_t tiles_of(std::uint32_t level) const {
    return (hashes_of_level(size_, level) + tile_width - 1) / tile_width;
  }

  Result<void> copy_entries(std::uint64_t index) {
    const TileId id{
        .kind = TileId::Kind::entries, .index = index, .width = width_at(size_, 0, index)};
    if (is_there(id)) return {};
    const auto entries = source_.entries(index, id.width);
    if (!entries) return tl::unexpected(entries.error());
    const bool whole = std::ranges::all_of(entries->records,
                                           [](const auto& record) { return record.has_value(); });
    if (!whole) return missing(id);
    return write(id, bundle_of(*entries));
  }

  Result<void> copy_tile(std::uint32_t level, std::uint64_t index) {
    const TileId id{.level = level, .index = index, .width = width_at(size_, level, index)};
    if (is_there(id)) return {};
    const auto hashes = source_.tile(id);
    if (!hashes) return tl::unexpected(hashes.error());
    return *hashes ? write(id, to_bytes(**hashes)) : missing(id);
  }

  /// A full tile never changes; a part of one is cheap to fetch again.
  bool is_there(const TileId& id) {
    std::error_code ignored;
    if (!id.full() || !fs::exists(folder_ / path_of(id), ignored)) return false;
    ++report_.kept;
    count();
    return true;
  }

  static Result<void> missing(const TileId& id) {
    return fail(
        ErrorCode::corrupt,
        fmt::format("{} is missing: `muster audit verify` says what is damaged", path_of(id)));
  }

  Result<void> write(const TileId& id, std::string_view bytes) {
    if (auto written = write_file(folder_ / path_of(id), bytes); !written) return written;
    ++report_.written;
    count();
    return {};
  }

  void count() { progress_(report_.written + report_.kept, total_); }

  LogSource& source_;
  const fs::path& folder_;
  const std::uint64_t size_;
  const Progress progress_;
  std::uint64_t total_ = 0;
  ExportReport report_;
};

/// A folder that is new, empty, or of an earlier export of the same log.
Result<void> check_folder(const fs::path& folder, const Checkpoint& checkpoint) {
  std::error_code ignored;
  if (!fs::exists(folder, ignored) || fs::is_empty(folder, ignored)) return {};
  const auto note = read_file(folder / FolderSource::checkpoint_name);
  if (!note) return tl::unexpected(note.error());
  if (!*note && fs::is_directory(folder / "tile", ignored)) return {};  // A first one, cut off.
  const auto before = *note ? parse_checkpoint(**note) : Result<Checkpoint>();
  const bool ours = *note && before;
  if (!ours) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("{} holds something else than tiles: name a new folder", folder.string()));
  }
  if (before->origin != checkpoint.origin || before->head.size > checkpoint.head.size) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} holds {} events of {}, and this is a checkpoint of {} events of "
                            "{}: name a new folder",
                            folder.string(), before->head.size, before->origin,
                            checkpoint.head.size, checkpoint.origin));
  }
  return {};
}

}  // namespace

Result<ExportReport> export_tiles(
    LogSource& source, const fs::path& folder,
    const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) {
  const auto note = source.checkpoint();
  if (!note) return tl::unexpected(note.error());
  if (!*note) {
    return fail(ErrorCode::unavailable,
                "no checkpoint was signed yet: start `muster serve` over this log once");
  }
  const auto checkpoint = parse_checkpoint(**note);
  if (!checkpoint) return tl::unexpected(checkpoint.error());
  if (auto fits = check_folder(folder, *checkpoint); !fits) {
    return tl::unexpected(std::move(fits).error());
  }
  const auto key = source.key();
  if (!key) return tl::unexpected(key.error());
  auto report = Export(source, folder, *checkpoint, progress).run();
  if (!report) return report;
  const auto written =
      write_file(folder / FolderSource::key_name, key->value_or("") + "\n")
          .and_then([&] { return write_file(folder / FolderSource::checkpoint_name, **note); })
          .and_then([&] { return sync_folder(folder); });
  if (!written) return tl::unexpected(written.error());
  return report;
}

}  // namespace muster::audit
