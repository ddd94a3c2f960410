#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"

namespace muster {

/// The hash of a record as a leaf of the tree of RFC 6962.
[[nodiscard]] Digest merkle_leaf(std::string_view record);

/// The hash of the node above two others.
[[nodiscard]] Digest merkle_node(const Digest& left, const Digest& right);

/// What is needed of an append-only RFC 6962 tree to append to it and to know its root: one
/// digest per bit set in its size. A value; copy it to try something.
class MerkleFrontier {
 public:
  /// The empty tree.
  MerkleFrontier() = default;

  /// The tree of `size` leaves whose perfect subtrees have these roots, largest first: one for
  /// each bit set in `size`.
  MerkleFrontier(std::uint64_t size, std::vector<Digest> peaks);

  /// Adds a leaf, by merkle_leaf. One node hash on average.
  void append(const Digest& leaf) {
    append(leaf, [](std::size_t, const Digest&) {});
  }

  /// The same, and calls `completed(height, root)` for every perfect subtree that the leaf
  /// completes, from the leaf itself, of height 0, upwards.
  template <typename Completed>
  void append(const Digest& leaf, Completed&& completed) {
    Digest carried = leaf;
    std::size_t height = 0;
    completed(height, carried);
    // As adding 1 to a binary number: each set low bit is a subtree of the same height to join.
    for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
      carried = merkle_node(peaks_.back(), carried);
      peaks_.pop_back();
      completed(++height, carried);
    }
    peaks_.push_back(carried);
    ++size_;
  }

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<const Digest> peaks() const noexcept { return peaks_; }

  /// The root hash of the whole tree; of the empty tree SHA-256 of nothing.
  [[nodiscard]] Digest root() const;

  /// Stored form: docs/log-format.md.
  [[nodiscard]] std::string to_bytes() const;

  /// Reads what to_bytes wrote. Errors: corrupt.
  [[nodiscard]] static Result<MerkleFrontier> from_bytes(std::string_view bytes);

  friend bool operator==(const MerkleFrontier&, const MerkleFrontier&) = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;  // Roots of the perfect subtrees, largest first.
};

/// The frontier of the tree over `hashes`, which may be leaves or roots of subtrees of one height.
[[nodiscard]] MerkleFrontier frontier_over(std::span<const Digest> hashes);

}  // namespace muster
