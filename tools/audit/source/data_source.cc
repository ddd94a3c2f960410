#include "tools/audit/source/data_source.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "tools/audit/source/files.h"

namespace muster::audit {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t usual_record_bytes = 512;

}  // namespace

bool DataSource::is_one(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "log", ignored);
}

Result<std::unique_ptr<DataSource>> DataSource::open(const fs::path& data) {
  auto log = RocksEventLog::open(data / "log", {.read_only = true});
  if (!log && log.error().code == ErrorCode::in_use) {
    return fail(ErrorCode::in_use,
                fmt::format("a server uses the data folder {}: stop it first, or name its URL "
                            "instead",
                            data.string()));
  }
  if (!log) return tl::unexpected(std::move(log).error());
  return std::unique_ptr<DataSource>(new DataSource(data, std::move(*log)));
}

Result<std::unique_ptr<DataSource>> DataSource::open_backup(const fs::path& backups,
                                                            std::optional<std::uint32_t> id) {
  const auto opened = RocksBackups::open(backups, RocksBackups::Access::read);
  if (!opened) return tl::unexpected(opened.error());
  const auto backup = (*opened)->find(id);
  if (!backup) return tl::unexpected(backup.error());
  auto log = (*opened)->open_log(backup->id);
  if (!log) return tl::unexpected(std::move(log).error());
  return std::unique_ptr<DataSource>(new DataSource(backups, std::move(*log), backup->note));
}

Result<std::optional<std::string>> DataSource::checkpoint() {
  if (note_) return note_->checkpoint.empty() ? std::nullopt : std::optional(note_->checkpoint);
  return read_file(data_ / "checkpoint");
}

Result<std::optional<std::string>> DataSource::key() {
  if (note_) return note_->key.empty() ? std::nullopt : std::optional(note_->key);
  return read_line(data_ / "checkpoint.vkey");
}

Result<Entries> DataSource::entries(std::uint64_t index, std::uint32_t width) {
  struct Place {
    std::uint64_t at = 0;
    std::size_t from = 0;
    std::size_t size = 0;
  };
  const std::uint64_t before = index * tile_width;
  Entries entries;
  entries.bytes.reserve(std::size_t{width} * usual_record_bytes);
  std::vector<Place> places;
  places.reserve(width);
  const auto read =
      log_->read_stored(Sequence{before}, [&](Sequence sequence, std::string_view record) {
        if (sequence.value() > before + width) return false;
        places.push_back({sequence.value() - before - 1, entries.bytes.size(), record.size()});
        entries.bytes.append(record);
        return sequence.value() < before + width;
      });
  if (!read) return tl::unexpected(read.error());
  entries.records.resize(width);
  for (const Place& place : places) {
    entries.records[place.at] = std::string_view(entries.bytes).substr(place.from, place.size);
  }
  return entries;
}

Result<std::optional<TileHashes>> DataSource::tile(const TileId& id) {
  if (!id.full()) {
    return log_->tile(id).map([](TileHashes hashes) { return std::optional(std::move(hashes)); });
  }
  const auto bytes = log_->stored_tile(id);
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return tile_from_bytes(**bytes, id.width).map([](TileHashes hashes) {
    return std::optional(std::move(hashes));
  });
}

std::unique_ptr<LogSource> DataSource::another() const {
  return std::unique_ptr<LogSource>(new DataSource(data_, log_, note_));
}

}  // namespace muster::audit
