#include "core/log/merkle/proof.h"

#include <fmt/format.h>

#include <bit>
#include <map>
#include <utility>

#include "core/log/merkle/merkle_frontier.h"

namespace muster {
namespace {

/// Leaves `from` to `to`, without the latter.
struct Range {
  std::uint64_t from = 0;
  std::uint64_t to = 0;

  [[nodiscard]] std::uint64_t size() const { return to - from; }
};

/// Hashes over ranges of leaves, from as few tiles as possible.
class Hashes {
 public:
  explicit Hashes(const MerkleTree& tree) : tree_(tree) {}

  /// MTH of RFC 6962 over the leaves of `range`, which begins where a subtree of that size may.
  Result<Digest> over(const Range& range) {
    if (std::has_single_bit(range.size())) return perfect(range);
    const std::uint64_t split = range.from + std::bit_floor(range.size());
    auto left = perfect({.from = range.from, .to = split});
    if (!left) return left;
    auto right = over({.from = split, .to = range.to});
    if (!right) return right;
    return merkle_node(*left, *right);
  }

 private:
  /// Over a perfect subtree: its part of one tile, and the nodes above that.
  Result<Digest> perfect(const Range& range) {
    const auto height = static_cast<std::size_t>(std::countr_zero(range.size()));
    const std::size_t level = height / tile_height;
    const std::uint64_t first = range.from >> (level * tile_height);
    const std::uint64_t count = std::uint64_t{1} << (height % tile_height);
    const auto needed = static_cast<std::uint32_t>(first % tile_width + count);
    const auto tile = get(level, first / tile_width, needed);
    if (!tile) return tl::unexpected(tile.error());
    return frontier_over(std::span(**tile).subspan(first % tile_width, count)).root();
  }

  /// At least the first `needed` hashes of that tile.
  Result<const TileHashes*> get(std::size_t level, std::uint64_t index, std::uint32_t needed) {
    TileHashes& hashes = known_[{level, index}];
    if (hashes.size() >= needed) return &hashes;
    auto read =
        tree_.tile({.level = static_cast<std::uint32_t>(level), .index = index, .width = needed});
    if (!read) return tl::unexpected(std::move(read).error());
    hashes = *std::move(read);
    return &hashes;
  }

  const MerkleTree& tree_;
  std::map<std::pair<std::size_t, std::uint64_t>, TileHashes> known_;
};

Result<void> check_size(const MerkleTree& tree, std::uint64_t size) {
  const std::uint64_t head = tree.tree_head().size;
  if (size <= head) return {};
  return fail(ErrorCode::invalid_input, fmt::format("the log has {} events, not {}", head, size));
}

/// PATH of RFC 6962 2.1.1, from the root down; so the proof comes in reverse.
Result<Proof> path(Hashes& hashes, std::uint64_t index, Range range) {
  Proof proof;
  while (range.size() > 1) {
    const std::uint64_t split = range.from + std::bit_floor(range.size() - 1);
    const bool left = index < split;
    const auto other = left ? Range{split, range.to} : Range{range.from, split};
    auto hash = hashes.over(other);
    if (!hash) return tl::unexpected(std::move(hash).error());
    proof.push_back(*hash);
    range = left ? Range{range.from, split} : Range{split, range.to};
  }
  return Proof(proof.rbegin(), proof.rend());
}

/// SUBPROOF of RFC 6962 2.1.2, in the same way.
Result<Proof> subproof(Hashes& hashes, std::uint64_t before, Range range) {
  Proof proof;
  bool whole = true;  // All of the old tree is in `range`, so that its root is known.
  while (before != range.to) {
    const std::uint64_t split = range.from + std::bit_floor(range.size() - 1);
    const bool left = before <= split;
    auto hash = hashes.over(left ? Range{split, range.to} : Range{range.from, split});
    if (!hash) return tl::unexpected(std::move(hash).error());
    proof.push_back(*hash);
    whole = whole && left;
    range = left ? Range{range.from, split} : Range{split, range.to};
  }
  if (!whole) {
    auto hash = hashes.over(range);
    if (!hash) return tl::unexpected(std::move(hash).error());
    proof.push_back(*hash);
  }
  return Proof(proof.rbegin(), proof.rend());
}

/// Goes up along the edge of a tree: `node` of `last` at one height.
struct Climb {
  std::uint64_t node = 0;
  std::uint64_t last = 0;

  void up() {
    node >>= 1U;
    last >>= 1U;
  }
  [[nodiscard]] bool is_right() const { return (node & 1U) != 0; }
  [[nodiscard]] bool joins_left() const { return is_right() || node == last; }
};

}  // namespace

Result<Digest> root_at(const MerkleTree& tree, std::uint64_t size) {
  if (auto known = check_size(tree, size); !known) return tl::unexpected(std::move(known).error());
  return size == 0 ? MerkleFrontier().root() : Hashes(tree).over({.from = 0, .to = size});
}

Result<Proof> prove_inclusion(const MerkleTree& tree, std::uint64_t index, std::uint64_t size) {
  if (auto known = check_size(tree, size); !known) return tl::unexpected(std::move(known).error());
  if (index >= size) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} events does not hold event {}", size, index + 1));
  }
  Hashes hashes(tree);
  return path(hashes, index, {.from = 0, .to = size});
}

Result<Proof> prove_consistency(const MerkleTree& tree, std::uint64_t before, std::uint64_t size) {
  if (auto known = check_size(tree, size); !known) return tl::unexpected(std::move(known).error());
  if (before > size) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} events does not begin with {} events", size, before));
  }
  if (before == 0) return Proof{};  // Every tree begins with the empty one.
  Hashes hashes(tree);
  return subproof(hashes, before, {.from = 0, .to = size});
}

// RFC 9162 2.1.3.2.
bool is_included(const Digest& leaf, std::uint64_t index, std::span<const Digest> proof,
                 const TreeHead& head) {
  if (index >= head.size) return false;
  Climb at{.node = index, .last = head.size - 1};
  Digest root = leaf;
  for (const Digest& hash : proof) {
    if (at.last == 0) return false;
    if (at.joins_left()) {
      root = merkle_node(hash, root);
      while (!at.is_right() && at.node != 0) at.up();
    } else {
      root = merkle_node(root, hash);
    }
    at.up();
  }
  return at.last == 0 && root == head.root;
}

// RFC 9162 2.1.4.2.
bool is_consistent(const TreeHead& before, std::span<const Digest> proof, const TreeHead& head) {
  if (before.size > head.size) return false;
  if (before.size == head.size) return proof.empty() && before.root == head.root;
  if (before.size == 0) return proof.empty() && before.root == MerkleFrontier().root();
  Climb at{.node = before.size - 1, .last = head.size - 1};
  while (at.is_right()) at.up();
  const bool own_root = std::has_single_bit(before.size);  // It is a subtree of the new tree.
  if (!own_root && proof.empty()) return false;
  const Digest first = own_root ? before.root : proof.front();
  Digest old_root = first;
  Digest new_root = first;
  for (const Digest& hash : own_root ? proof : proof.subspan(1)) {
    if (at.last == 0) return false;
    if (at.joins_left()) {
      old_root = merkle_node(hash, old_root);
      new_root = merkle_node(hash, new_root);
      while (!at.is_right() && at.node != 0) at.up();
    } else {
      new_root = merkle_node(new_root, hash);
    }
    at.up();
  }
  return at.last == 0 && old_root == before.root && new_root == head.root;
}

}  // namespace muster
