#include "tools/bench/append/raw_log_writer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <utility>

#include "core/log/rocks_database.h"

namespace muster::bench {

struct RawLogWriter::Parts {
  RocksDatabase database;
  std::filesystem::path path;
  std::uint64_t head = 0;
};

Result<std::unique_ptr<RawLogWriter>> RawLogWriter::create(const std::filesystem::path& path) {
  if (auto created = RocksDatabase::create(path); !created) {
    return tl::unexpected(created.error());
  }
  auto database = RocksDatabase::open(path, false);
  if (!database) return tl::unexpected(database.error());
  std::unique_ptr<Parts> parts(new Parts{.database = std::move(*database), .path = path});
  return std::unique_ptr<RawLogWriter>(new RawLogWriter(std::move(parts)));
}

RawLogWriter::RawLogWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RawLogWriter::~RawLogWriter() = default;

Result<void> RawLogWriter::append(std::span<const Record> records) {
  rocksdb::WriteBatch batch;
  for (const Record& record : records) {
    const auto status = batch.Put(parts_->database.events(), event_key(++parts_->head), record);
    if (!status.ok()) return tl::unexpected(to_error(status, parts_->path));
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status = parts_->database.db().Write(synced, &batch);
  if (!status.ok()) return tl::unexpected(to_error(status, parts_->path));
  return {};
}

}  // namespace muster::bench
