#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/log/merkle/merkle_tree.h"
#include "core/log/merkle/tile_edge.h"

namespace muster::test {

/// A Merkle tree that is nowhere but in memory.
class MemoryTree final : public MerkleTree {
 public:
  void append(std::string_view record) {
    std::vector<FullTile> filled;
    edge_.append(merkle_leaf(record), filled);
    for (FullTile& tile : filled) full_[{tile.level, tile.index}] = std::move(tile.hashes);
  }

  [[nodiscard]] TreeHead tree_head() const override {
    return {.size = edge_.size(), .root = edge_.frontier().root()};
  }

  [[nodiscard]] Result<TileHashes> tile(const TileId& id) const override {
    if (!has_tile(edge_.size(), id)) return fail(ErrorCode::invalid_input, path_of(id));
    const auto full = full_.find({id.level, id.index});
    TileHashes hashes = full == full_.end() ? edge_.partial(id.level) : full->second;
    hashes.resize(id.width);
    return hashes;
  }

 private:
  TileEdge edge_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, TileHashes> full_;
};

}  // namespace muster::test
