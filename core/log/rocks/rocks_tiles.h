#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/tile_edge.h"
#include "core/log/rocks/rocks_database.h"

namespace muster {

// The full tiles of a log in its RocksDB. Nothing includes this but RocksEventLog, and the
// benchmark that writes beside it.

/// Calls `sink` with every record after number `after`, in order, until it returns false.
using ReadRecords = std::function<Result<void>(std::uint64_t after,
                                               const std::function<bool(std::string_view)>& sink)>;

/// The key of a full tile.
[[nodiscard]] std::string tile_key(std::uint32_t level, std::uint64_t index);

/// Adds `tile` to `batch`.
[[nodiscard]] rocksdb::Status put_tile(rocksdb::WriteBatch& batch, const RocksDatabase& database,
                                       const FullTile& tile);

/// The hashes of a full tile. Errors: corrupt if it is missing or of another size; failed.
[[nodiscard]] Result<TileHashes> get_tile(const RocksDatabase& database, std::uint32_t level,
                                          std::uint64_t index);

/// The right edge of the tree that has `frontier`, from the stored tiles and the last records.
/// Errors: corrupt if they are not of that tree; failed.
[[nodiscard]] Result<TileEdge> load_edge(const RocksDatabase& database,
                                         const MerkleFrontier& frontier,
                                         const ReadRecords& records);

/// Whether every full tile was stored once; if not, the log was made without, or filling them was
/// cut short. Errors: failed.
[[nodiscard]] Result<bool> has_tiles(const RocksDatabase& database);

/// Stores all full tiles of a log that lacks them, durably, and says how far it is in the
/// program's log. Errors: corrupt if the records do not have the root of `frontier`; failed.
[[nodiscard]] Result<void> fill_tiles(const RocksDatabase& database, const MerkleFrontier& frontier,
                                      const ReadRecords& records);

}  // namespace muster
