#include "core/log/merkle/tile_edge.h"

#include <utility>

#include "core/base/assert.h"

namespace muster {
namespace {

MerkleFrontier frontier_of(std::uint64_t size, const std::vector<TileHashes>& partial) {
  std::vector<Digest> peaks;
  for (auto hashes = partial.rbegin(); hashes != partial.rend(); ++hashes) {
    const MerkleFrontier part = frontier_over(*hashes);
    peaks.insert(peaks.end(), part.peaks().begin(), part.peaks().end());
  }
  return MerkleFrontier(size, std::move(peaks));
}

}  // namespace

TileEdge::TileEdge(std::uint64_t size, std::vector<TileHashes> partial)
    : frontier_(frontier_of(size, partial)), partial_(std::move(partial)) {
  for (std::size_t level = 0; level < partial_.size(); ++level) {
    MUSTER_ASSERT(partial_[level].size() == hashes_of_level(size, level) % tile_width,
                  "the edge has the hashes that are in no full tile");
  }
}

void TileEdge::append(const Digest& leaf, std::vector<FullTile>& filled) {
  frontier_.append(leaf, [&](std::size_t height, const Digest& root) {
    if (height % tile_height == 0) add(height / tile_height, root, filled);
  });
}

void TileEdge::add(std::size_t level, const Digest& hash, std::vector<FullTile>& filled) {
  if (partial_.size() <= level) partial_.resize(level + 1);
  TileHashes& hashes = partial_[level];
  if (hashes.capacity() < tile_width) hashes.reserve(tile_width);
  hashes.push_back(hash);
  if (hashes.size() < tile_width) return;
  // The leaf under way is not counted yet, and it is the last of this tile.
  const std::uint64_t index = hashes_of_level(frontier_.size() + 1, level) / tile_width - 1;
  filled.push_back(FullTile{.level = static_cast<std::uint32_t>(level),
                            .index = index,
                            .hashes = std::exchange(hashes, {})});
}

const TileHashes& TileEdge::partial(std::size_t level) const {
  static const TileHashes none;
  return level < partial_.size() ? partial_[level] : none;
}

}  // namespace muster
