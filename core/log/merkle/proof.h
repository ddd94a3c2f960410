#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/log/merkle/merkle_tree.h"

namespace muster {

// Proofs as in RFC 6962 2.1.1 and 2.1.2: hashes from the leaves towards the root.
using Proof = std::vector<Digest>;

/// The root of the first `size` leaves, which the tree must have. Errors: as of its tiles.
[[nodiscard]] Result<Digest> root_at(const MerkleTree& tree, std::uint64_t size);

/// That leaf `index` is in the tree of the first `size` leaves.
/// Errors: invalid_input unless index < size and the tree has so many; as of its tiles.
[[nodiscard]] Result<Proof> prove_inclusion(const MerkleTree& tree, std::uint64_t index,
                                            std::uint64_t size);

/// That the tree of the first `size` leaves begins with the one of the first `before`.
/// Errors: invalid_input unless before <= size and the tree has so many; as of its tiles.
[[nodiscard]] Result<Proof> prove_consistency(const MerkleTree& tree, std::uint64_t before,
                                              std::uint64_t size);

/// Whether `proof` shows that `leaf` is number `index` of the tree `head`.
[[nodiscard]] bool is_included(const Digest& leaf, std::uint64_t index,
                               std::span<const Digest> proof, const TreeHead& head);

/// Whether `proof` shows that the tree `head` begins with the tree `before`.
[[nodiscard]] bool is_consistent(const TreeHead& before, std::span<const Digest> proof,
                                 const TreeHead& head);

}  // namespace muster
