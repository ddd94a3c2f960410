#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/domain/ids.h"
#include "core/log/merkle/merkle_frontier.h"

namespace muster {

// RocksDB as RocksEventLog uses it. Nothing else includes this but RocksTiles, and the benchmark
// that writes beside it, under the same options.

/// An open database of a log. Layout: docs/log-format.md.
class RocksDatabase {
 public:
  RocksDatabase() = default;
  RocksDatabase(RocksDatabase&&) = default;
  RocksDatabase& operator=(RocksDatabase&&) = delete;
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;
  ~RocksDatabase();

  /// Makes an empty one in the empty folder `path`, and closes it. Errors: unavailable if
  /// the disk is full; failed.
  [[nodiscard]] static Result<void> create(const std::filesystem::path& path);

  /// A log without tiles gets room for them, unless it is only read. `env`: how files are read,
  /// if not as usual; it must outlive the database.
  /// Errors: in_use; incompatible; corrupt; unavailable if the disk is full; failed.
  [[nodiscard]] static Result<RocksDatabase> open(const std::filesystem::path& path, bool read_only,
                                                  rocksdb::Env* env = nullptr);

  /// The stored frontier, after checking that it fits the first and last record.
  /// Errors: corrupt.
  [[nodiscard]] Result<MerkleFrontier> load_frontier() const;

  [[nodiscard]] rocksdb::DB& db() const noexcept { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* events() const noexcept { return events_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const noexcept { return meta_; }

  /// Null in a log without tiles that is only read.
  [[nodiscard]] rocksdb::ColumnFamilyHandle* tiles() const noexcept { return tiles_; }

  /// Nothing if there is no such key. Errors: corrupt; failed.
  [[nodiscard]] Result<std::optional<std::string>> get(rocksdb::ColumnFamilyHandle* family,
                                                       const std::string& key) const;

  [[nodiscard]] std::string where() const { return db_->GetName(); }

  static constexpr const char* frontier_key = "frontier";
  static constexpr const char* tiles_key = "tiles";  // There once every full tile is.

 private:
  [[nodiscard]] Result<void> check_format() const;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;  // The handles are freed before the database.
  rocksdb::ColumnFamilyHandle* events_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* tiles_ = nullptr;
};

/// The key of an event.
[[nodiscard]] std::string event_key(std::uint64_t sequence);

/// The log at `where` holds what a log cannot hold.
[[nodiscard]] Error damaged(std::string_view where, std::string_view what);

/// What a failure of RocksDB at `path` means to a caller.
[[nodiscard]] Error to_error(const rocksdb::Status& status, const std::filesystem::path& path);

}  // namespace muster
