#include "tools/bench/append/raw_log_writer.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks/rocks_tiles.h"

namespace muster::bench {

struct RawLogWriter::Parts {
  RocksDatabase database;
  std::filesystem::path path;
  Tree tree = Tree::none;
  std::uint64_t head = 0;
  TileEdge edge;
  std::vector<FullTile> filled;
};

Result<std::unique_ptr<RawLogWriter>> RawLogWriter::create(const std::filesystem::path& path,
                                                           Tree tree) {
  if (auto created = RocksDatabase::create(path); !created) {
    return tl::unexpected(created.error());
  }
  auto database = RocksDatabase::open(path, false);
  if (!database) return tl::unexpected(database.error());
  std::unique_ptr<Parts> parts(
      new Parts{.database = std::move(*database), .path = path, .tree = tree});
  return std::unique_ptr<RawLogWriter>(new RawLogWriter(std::move(parts)));
}

RawLogWriter::RawLogWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RawLogWriter::~RawLogWriter() = default;

Result<void> RawLogWriter::append(std::span<const Record> records) {
  Parts& parts = *parts_;
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  for (const Record& record : records) {
    if (parts.tree == Tree::kept) parts.edge.append(merkle_leaf(record), parts.filled);
    if (status.ok()) status = batch.Put(parts.database.events(), event_key(++parts.head), record);
  }
  for (const FullTile& tile : parts.filled) {
    if (status.ok()) status = put_tile(batch, parts.database, tile);
  }
  parts.filled.clear();
  if (status.ok() && parts.tree == Tree::kept) {
    status = batch.Put(parts.database.meta(), RocksDatabase::frontier_key,
                       parts.edge.frontier().to_bytes());
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (status.ok()) status = parts.database.db().Write(synced, &batch);
  if (!status.ok()) return tl::unexpected(to_error(status, parts_->path));
  return {};
}

}  // namespace muster::bench
