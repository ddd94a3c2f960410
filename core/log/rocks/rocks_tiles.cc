#include "core/log/rocks/rocks_tiles.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/endian.h"
#include "core/base/log.h"

namespace muster {
namespace {

constexpr std::size_t tiles_per_write = 256;
constexpr std::uint64_t progress_every = 1'000'000;  // Events.

/// Writes `tiles`, synced, and forgets them; `last`: with them all are there.
Result<void> store(const RocksDatabase& database, std::vector<FullTile>& tiles, bool last) {
  rocksdb::WriteBatch batch;
  rocksdb::Status status;
  for (const FullTile& tile : tiles) {
    if (status.ok()) status = put_tile(batch, database, tile);
  }
  if (status.ok() && last) status = batch.Put(database.meta(), RocksDatabase::tiles_key, "");
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (status.ok()) status = database.db().Write(synced, &batch);
  if (!status.ok()) return tl::unexpected(to_error(status, database.where()));
  tiles.clear();
  return {};
}

/// The hashes of the tile at the right edge of `level`: those that are in no full tile.
Result<TileHashes> load_partial(const RocksDatabase& database, std::uint64_t size,
                                std::uint32_t level, const ReadRecords& records) {
  const std::uint64_t hashes = hashes_of_level(size, level);
  const std::uint64_t first = hashes - hashes % tile_width;
  TileHashes partial;
  partial.reserve(tile_width);
  if (level == 0) {
    const auto read = records(first, [&](std::string_view record) {
      partial.push_back(merkle_leaf(record));
      return true;
    });
    if (!read) return tl::unexpected(read.error());
    return partial;
  }
  for (std::uint64_t index = first; index < hashes; ++index) {
    const auto below = get_tile(database, level - 1, index);
    if (!below) return tl::unexpected(below.error());
    partial.push_back(frontier_over(*below).root());
  }
  return partial;
}

}  // namespace

std::string tile_key(std::uint32_t level, std::uint64_t index) {
  std::string key(1, static_cast<char>(level));
  append_big_endian(key, index);
  return key;
}

rocksdb::Status put_tile(rocksdb::WriteBatch& batch, const RocksDatabase& database,
                         const FullTile& tile) {
  return batch.Put(database.tiles(), tile_key(tile.level, tile.index), to_bytes(tile.hashes));
}

Result<TileHashes> get_tile(const RocksDatabase& database, std::uint32_t level,
                            std::uint64_t index) {
  const auto bytes = database.get(database.tiles(), tile_key(level, index));
  if (!bytes) return tl::unexpected(bytes.error());
  const std::string name = path_of({.level = level, .index = index});
  if (!*bytes) return tl::unexpected(damaged(database.where(), fmt::format("{} is missing", name)));
  auto hashes = tile_from_bytes(**bytes, tile_width);
  if (hashes) return hashes;
  return tl::unexpected(
      damaged(database.where(), fmt::format("{}: {}", name, hashes.error().message)));
}

Result<TileEdge> load_edge(const RocksDatabase& database, const MerkleFrontier& frontier,
                           const ReadRecords& records) {
  std::vector<TileHashes> partial;
  const std::uint64_t size = frontier.size();
  for (std::uint32_t level = 0; hashes_of_level(size, level) > 0; ++level) {
    auto hashes = load_partial(database, size, level, records);
    if (!hashes) return tl::unexpected(hashes.error());
    partial.push_back(*std::move(hashes));
  }
  TileEdge edge(size, std::move(partial));
  if (edge.frontier() == frontier) return edge;
  return tl::unexpected(
      damaged(database.where(), "its tiles and last records are not of its tree"));
}

Result<bool> has_tiles(const RocksDatabase& database) {
  const auto mark = database.get(database.meta(), RocksDatabase::tiles_key);
  if (!mark) return tl::unexpected(mark.error());
  return mark->has_value();
}

Result<void> fill_tiles(const RocksDatabase& database, const MerkleFrontier& frontier,
                        const ReadRecords& records) {
  const std::uint64_t size = frontier.size();
  log_info("filling the tiles of the log's tree, once: folder={} events={}", database.where(),
           size);
  TileEdge edge;
  std::vector<FullTile> filled;
  Result<void> stored;
  auto read = records(0, [&](std::string_view record) {
    edge.append(merkle_leaf(record), filled);
    if (filled.size() >= tiles_per_write) stored = store(database, filled, false);
    if (edge.size() % progress_every == 0) {
      log_info("filling the tiles: events={} of={}", edge.size(), size);
    }
    return stored.has_value();
  });
  if (!read) return read;
  if (!stored) return stored;
  if (edge.frontier() == frontier) return store(database, filled, true);
  return tl::unexpected(damaged(database.where(), "its records are not those of its tree"));
}

}  // namespace muster
