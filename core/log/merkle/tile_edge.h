#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/tile.h"

namespace muster {

/// A tile that is full and will never change.
struct FullTile {
  std::uint32_t level = 0;
  std::uint64_t index = 0;
  TileHashes hashes;
};

/// The right edge of a tree in tiles: what is not in a full tile yet. Takes leaves and gives full
/// tiles, without hashing anything twice. A value.
class TileEdge {
 public:
  /// Of the empty tree.
  TileEdge() = default;

  /// Of the tree whose last, not full tiles hold these hashes, by level from 0.
  /// `size` must be that tree's.
  TileEdge(std::uint64_t size, std::vector<TileHashes> partial);

  /// Adds a leaf; appends the tiles that it fills to `filled`. Amortised O(1).
  void append(const Digest& leaf, std::vector<FullTile>& filled);

  /// The same tree's frontier.
  [[nodiscard]] const MerkleFrontier& frontier() const noexcept { return frontier_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return frontier_.size(); }

  /// The hashes at `level` that are in no full tile; at most 255.
  [[nodiscard]] const TileHashes& partial(std::size_t level) const;

 private:
  void add(std::size_t level, const Digest& hash, std::vector<FullTile>& filled);

  MerkleFrontier frontier_;
  std::vector<TileHashes> partial_;  // By level.
};

}  // namespace muster
