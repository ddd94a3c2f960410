#pragma once

#include <cstdint>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/log/merkle/tile.h"

namespace muster {

/// Which tree it is: how many leaves, and their root hash.
struct TreeHead {
  std::uint64_t size = 0;
  Digest root{};

  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

/// The RFC 6962 tree over a log, as far as it is durable: for proofs, tiles and checkpoints.
/// Any thread. Implementations: RocksEventLog, MemoryTree (tests).
class MerkleTree {
 public:
  MerkleTree() = default;
  MerkleTree(const MerkleTree&) = delete;
  MerkleTree& operator=(const MerkleTree&) = delete;
  virtual ~MerkleTree() = default;

  /// The tree after the last command that is durable as a whole.
  [[nodiscard]] virtual TreeHead tree_head() const = 0;

  /// The first `id.width` hashes of that tile. Errors: invalid_input if the tree has no such tile,
  /// or not so many hashes in it; corrupt if it is missing; failed.
  [[nodiscard]] virtual Result<TileHashes> tile(const TileId& id) const = 0;
};

}  // namespace muster
