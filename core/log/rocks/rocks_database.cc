#include "core/log/rocks/rocks_database.h"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "core/base/endian.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t current_format = 1;
constexpr const char* format_key = "format";
constexpr const char* events_name = "events";
constexpr const char* meta_name = "meta";
constexpr const char* tiles_name = "tiles";

// Small, so that a start after a crash has little to replay.
constexpr std::size_t memtable_bytes = std::size_t{8} << 20U;
constexpr std::size_t meta_memtable_bytes = std::size_t{2} << 20U;
constexpr std::uint64_t wal_bytes_max = std::uint64_t{64} << 20U;
constexpr std::size_t info_log_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t info_logs_max = 4;

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Sound in this version as long as nobody calls SyncWAL: every write here is a synced one.
  options.track_and_verify_wals_in_manifest = true;
  options.recycle_log_file_num = 0;
  options.paranoid_checks = true;
  options.max_total_wal_size = wal_bytes_max;
  options.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  options.max_log_file_size = info_log_bytes_max;
  options.keep_log_file_num = info_logs_max;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.skip_stats_update_on_db_open = true;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(std::size_t memtable) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable;
  options.max_write_buffer_number = 2;
  options.memtable_protection_bytes_per_key = 8;
  options.paranoid_file_checks = true;
  // The same on all levels: a file of events, which overlaps no other, then moves down as it is.
  const auto supported = rocksdb::GetSupportedCompressions();
  const bool zstd =
      std::find(supported.begin(), supported.end(), rocksdb::kZSTD) != supported.end();
  options.compression = zstd ? rocksdb::kZSTD : rocksdb::kNoCompression;
  return options;
}

/// Hashes do not compress.
rocksdb::ColumnFamilyOptions tiles_options() {
  auto options = family_options(meta_memtable_bytes);
  options.compression = rocksdb::kNoCompression;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> families(bool with_tiles) {
  std::vector<rocksdb::ColumnFamilyDescriptor> all{
      {rocksdb::kDefaultColumnFamilyName, family_options(meta_memtable_bytes)},
      {events_name, family_options(memtable_bytes)},
      {meta_name, family_options(meta_memtable_bytes)}};
  if (with_tiles) all.emplace_back(tiles_name, tiles_options());
  return all;
}

/// Whether it has tiles: logs of the first Muster do not.
Result<bool> check_families(const fs::path& path, const rocksdb::DBOptions& options) {
  std::vector<std::string> found;
  const auto status = rocksdb::DB::ListColumnFamilies(options, path.string(), &found);
  if (!status.ok()) {
    return tl::unexpected(to_error(status, path));
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> known{rocksdb::kDefaultColumnFamilyName, events_name, meta_name};
  if (found == known) return false;
  known.emplace_back(tiles_name);
  if (found == known) return true;
  return fail(ErrorCode::incompatible,
              fmt::format("{} is a RocksDB database, but not one of this Muster's log: name "
                          "another folder, or use a newer Muster if it wrote this",
                          path.string()));
}

}  // namespace

Error damaged(std::string_view where, std::string_view what) {
  return Error{ErrorCode::corrupt,
               fmt::format("the log in {} is damaged: {}: restore a backup", where, what)};
}

std::string event_key(std::uint64_t sequence) {
  std::string key;
  append_big_endian(key, sequence);
  return key;
}

Error to_error(const rocksdb::Status& status, const fs::path& path) {
  const std::string why = status.ToString();
  if (status.IsNoSpace()) {
    return Error{ErrorCode::unavailable,
                 fmt::format("{}: the disk is full: make room there, and do it again ({})",
                             path.string(), why)};
  }
  if (status.IsIOError() && why.find("LOCK") != std::string::npos) {
    return Error{ErrorCode::in_use,
                 fmt::format("{} is in use by another process: stop that one first ({})",
                             path.string(), why)};
  }
  // A file that the manifest names is missing: an I/O error to RocksDB, damage to us.
  const bool missing = status.IsPathNotFound() || why.find("No such file") != std::string::npos;
  if (status.IsCorruption() || status.IsNotFound() || missing) {
    return damaged(path.string(), why);
  }
  if (status.IsNotSupported() || status.IsInvalidArgument()) {
    return Error{
        ErrorCode::incompatible,
        fmt::format("{} was made by another program or a newer one: {}", path.string(), why)};
  }
  return Error{ErrorCode::failed, fmt::format("{}: {}", path.string(), why)};
}

RocksDatabase::~RocksDatabase() {
  if (db_ == nullptr) {
    return;
  }
  for (auto* handle : {default_, events_, meta_, tiles_}) {
    if (handle != nullptr) {
      db_->DestroyColumnFamilyHandle(handle);
    }
  }
}

Result<void> RocksDatabase::create(const fs::path& path) {
  auto options = database_options();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.error_if_exists = true;
  rocksdb::DB* raw = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  auto status = rocksdb::DB::Open(options, path.string(), families(true), &handles, &raw);
  const std::unique_ptr<rocksdb::DB> db(raw);
  if (!status.ok()) {
    return tl::unexpected(to_error(status, path));
  }
  std::string format;
  append_big_endian(format, current_format);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  rocksdb::WriteBatch batch;
  status = batch.Put(handles[2], format_key, format);
  if (status.ok()) {
    status = batch.Put(handles[2], frontier_key, MerkleFrontier().to_bytes());
  }
  if (status.ok()) {
    status = batch.Put(handles[2], tiles_key, "");
  }
  if (status.ok()) {
    status = db->Write(synced, &batch);
  }
  for (auto* handle : handles) {
    db->DestroyColumnFamilyHandle(handle);
  }
  if (status.ok()) {
    status = db->Close();
  }
  if (!status.ok()) {
    return tl::unexpected(to_error(status, path));
  }
  return {};
}

Result<RocksDatabase> RocksDatabase::open(const fs::path& path, bool read_only, rocksdb::Env* env) {
  auto options = database_options();
  if (env != nullptr) options.env = env;
  const auto has_tiles = check_families(path, options);
  if (!has_tiles) {
    return tl::unexpected(has_tiles.error());
  }
  rocksdb::DB* raw = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  options.create_missing_column_families = !read_only;
  const auto wanted = families(*has_tiles || !read_only);
  const auto status =
      read_only ? rocksdb::DB::OpenForReadOnly(options, path.string(), wanted, &handles, &raw)
                : rocksdb::DB::Open(options, path.string(), wanted, &handles, &raw);
  if (!status.ok()) {
    return tl::unexpected(to_error(status, path));
  }
  RocksDatabase database;
  database.db_.reset(raw);
  database.default_ = handles[0];
  database.events_ = handles[1];
  database.meta_ = handles[2];
  database.tiles_ = handles.size() > 3 ? handles[3] : nullptr;
  if (auto known = database.check_format(); !known) {
    return tl::unexpected(std::move(known).error());
  }
  return database;
}

Result<std::optional<std::string>> RocksDatabase::get(rocksdb::ColumnFamilyHandle* family,
                                                      const std::string& key) const {
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions(), family, key, &value);
  if (status.IsNotFound()) {
    return std::nullopt;
  }
  if (!status.ok()) {
    return tl::unexpected(to_error(status, where()));
  }
  return value;
}

Result<void> RocksDatabase::check_format() const {
  const auto format = get(meta_, format_key);
  if (!format) {
    return tl::unexpected(format.error());
  }
  if (!*format || (*format)->size() != sizeof current_format) {
    return tl::unexpected(damaged(where(), "it does not say its format"));
  }
  const auto number = read_big_endian<std::uint32_t>(**format);
  if (number != current_format) {
    return fail(ErrorCode::incompatible,
                fmt::format("the log in {} has format {}, this Muster knows {}: use a newer one",
                            where(), number, current_format));
  }
  return {};
}

Result<MerkleFrontier> RocksDatabase::load_frontier() const {
  const auto stored = get(meta_, frontier_key);
  if (!stored) {
    return tl::unexpected(stored.error());
  }
  if (!*stored) {
    return tl::unexpected(damaged(where(), "it has no Merkle frontier"));
  }
  auto frontier = MerkleFrontier::from_bytes(**stored);
  if (!frontier) {
    return tl::unexpected(damaged(where(), frontier.error().message));
  }

  const std::unique_ptr<rocksdb::Iterator> events(
      db_->NewIterator(rocksdb::ReadOptions(), events_));
  std::string first;
  std::string last;
  events->SeekToFirst();
  if (events->Valid()) {
    first = events->key().ToString();
  }
  events->SeekToLast();
  if (events->Valid()) {
    last = events->key().ToString();
  }
  if (!events->status().ok()) {
    return tl::unexpected(to_error(events->status(), where()));
  }

  const bool fits = frontier->size() == 0
                        ? last.empty()
                        : first == event_key(1) && last == event_key(frontier->size());
  if (fits) {
    return frontier;
  }
  return tl::unexpected(
      damaged(where(), fmt::format("its tree has {} events, but they are not those from 1 to {}",
                                   frontier->size(), frontier->size())));
}

}  // namespace muster
