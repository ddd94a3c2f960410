#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/domain/ids.h"
#include "core/log/merkle_frontier.h"

namespace muster {

// RocksDB as RocksEventLog uses it. Nothing else includes this but the benchmark that writes beside
// it, under the same options.

/// An open database of a log. Layout: docs/log-format.md.
class RocksDatabase {
 public:
  RocksDatabase() = default;
  RocksDatabase(RocksDatabase&&) = default;
  RocksDatabase& operator=(RocksDatabase&&) = delete;
  RocksDatabase(const RocksDatabase&) = delete;
  RocksDatabase& operator=(const RocksDatabase&) = delete;
  ~RocksDatabase();

  /// Makes an empty one at `path`, where nothing may be, and closes it. Errors: failed.
  [[nodiscard]] static Result<void> create(const std::filesystem::path& path);

  /// Errors: in_use; incompatible; corrupt; failed.
  [[nodiscard]] static Result<RocksDatabase> open(const std::filesystem::path& path,
                                                  bool read_only);

  /// The stored frontier, after checking that it fits the first and last record.
  /// Errors: corrupt.
  [[nodiscard]] Result<MerkleFrontier> load_frontier() const;

  [[nodiscard]] rocksdb::DB& db() const noexcept { return *db_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* events() const noexcept { return events_; }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* meta() const noexcept { return meta_; }

  static constexpr const char* frontier_key = "frontier";

 private:
  [[nodiscard]] Result<void> check_format() const;
  [[nodiscard]] std::string where() const { return db_->GetName(); }

  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* default_ = nullptr;  // The handles are freed before the database.
  rocksdb::ColumnFamilyHandle* events_ = nullptr;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
};

/// The key of an event.
[[nodiscard]] std::string event_key(std::uint64_t sequence);

/// What a failure of RocksDB at `path` means to a caller.
[[nodiscard]] Error to_error(const rocksdb::Status& status, const std::filesystem::path& path);

}  // namespace muster
