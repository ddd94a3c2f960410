#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"

namespace muster {

/// The hash of a record as a leaf of the tree of RFC 6962.
[[nodiscard]] Digest merkle_leaf(std::string_view record);

/// What is needed of an append-only RFC 6962 tree to append to it and to know its root: one
/// digest per bit set in its size. A value; copy it to try something.
class MerkleFrontier {
 public:
  /// The empty tree.
  MerkleFrontier() = default;

  /// Adds a leaf, by merkle_leaf. One node hash on average.
  void append(const Digest& leaf);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// The root hash of the whole tree; of the empty tree SHA-256 of nothing.
  [[nodiscard]] Digest root() const;

  /// Stored form: docs/log-format.md.
  [[nodiscard]] std::string to_bytes() const;

  /// Reads what to_bytes wrote. Errors: corrupt.
  [[nodiscard]] static Result<MerkleFrontier> from_bytes(std::string_view bytes);

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> peaks_;  // Roots of the perfect subtrees, largest first.
};

}  // namespace muster
