#include "core/log/merkle/proof.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/hex.h"
#include "core/log/merkle/merkle_frontier.h"
#include "tests/support/memory_tree.h"

namespace muster {
namespace {

using test::MemoryTree;

// The leaves of Certificate Transparency's own tests.
const std::vector<std::string> inputs{"",
                                      "00",
                                      "10",
                                      "2021",
                                      "3031",
                                      "40414243",
                                      "5051525354555657",
                                      "606162636465666768696a6b6c6d6e6f"};

MemoryTree& known_tree() {
  static MemoryTree tree;
  while (tree.tree_head().size < inputs.size()) {
    tree.append(as_text(*from_hex(inputs[tree.tree_head().size])));
  }
  return tree;
}

std::vector<std::string> in_hex(const Result<Proof>& proof) {
  REQUIRE_MESSAGE(proof.has_value(), proof.error().message);
  std::vector<std::string> hashes;
  for (const Digest& hash : *proof) hashes.push_back(to_hex(hash));
  return hashes;
}

constexpr const char* leaf_1 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
constexpr const char* leaf_2 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
constexpr const char* leaf_5 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
constexpr const char* node_1_2 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
constexpr const char* node_3_4 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
constexpr const char* node_5_6 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
constexpr const char* node_7_8 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
constexpr const char* node_1_4 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7";
constexpr const char* node_5_8 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

using Hashes = std::vector<std::string>;

TEST_CASE("proof: of inclusion, as in Certificate Transparency's test vectors") {
  const MemoryTree& tree = known_tree();
  CHECK(in_hex(prove_inclusion(tree, 0, 1)) == Hashes{});
  CHECK(in_hex(prove_inclusion(tree, 0, 8)) == Hashes{leaf_2, node_3_4, node_5_8});
  CHECK(in_hex(prove_inclusion(tree, 5, 8)) == Hashes{leaf_5, node_7_8, node_1_4});
  CHECK(in_hex(prove_inclusion(tree, 2, 3)) == Hashes{node_1_2});
  CHECK(in_hex(prove_inclusion(tree, 1, 5)) == Hashes{leaf_1, node_3_4, leaf_5});
}

TEST_CASE("proof: of consistency, as in Certificate Transparency's test vectors") {
  const MemoryTree& tree = known_tree();
  CHECK(in_hex(prove_consistency(tree, 1, 1)) == Hashes{});
  CHECK(in_hex(prove_consistency(tree, 0, 8)) == Hashes{});
  CHECK(in_hex(prove_consistency(tree, 1, 8)) == Hashes{leaf_2, node_3_4, node_5_8});
  CHECK(in_hex(prove_consistency(tree, 6, 8)) == Hashes{node_5_6, node_7_8, node_1_4});
  CHECK(in_hex(prove_consistency(tree, 2, 5)) == Hashes{node_3_4, leaf_5});
}

TEST_CASE("proof: every leaf of every tree up to 70 is shown to be in it, and nowhere else") {
  MemoryTree tree;
  for (std::uint64_t size = 1; size <= 70; ++size) {
    tree.append(std::to_string(size - 1));
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = prove_inclusion(tree, index, size);
      REQUIRE(proof.has_value());
      const Digest leaf = merkle_leaf(std::to_string(index));
      CHECK(is_included(leaf, index, *proof, tree.tree_head()));
      CHECK_FALSE(is_included(merkle_leaf("x"), index, *proof, tree.tree_head()));
      CHECK_FALSE(is_included(leaf, index + 1, *proof, tree.tree_head()));
      Proof longer = *proof;
      longer.push_back(leaf);
      CHECK_FALSE(is_included(leaf, index, longer, tree.tree_head()));
      if (proof->empty()) continue;
      CHECK_FALSE(is_included(leaf, index, std::span(*proof).subspan(1), tree.tree_head()));
    }
  }
}

TEST_CASE("proof: every tree up to 70 is shown to begin with each smaller one, and no other") {
  MemoryTree tree;
  std::vector<TreeHead> heads{tree.tree_head()};
  for (std::uint64_t size = 1; size <= 70; ++size) {
    tree.append(std::to_string(size));
    heads.push_back(tree.tree_head());
    for (std::uint64_t before = 0; before <= size; ++before) {
      const auto proof = prove_consistency(tree, before, size);
      REQUIRE(proof.has_value());
      CHECK(is_consistent(heads[before], *proof, heads[size]));
      CHECK(root_at(tree, before) == heads[before].root);
      TreeHead other = heads[before];
      other.root[7] ^= 1U;
      CHECK_FALSE(is_consistent(other, *proof, heads[size]));
      other = heads[size];
      other.root[7] ^= 1U;
      if (before > 0) CHECK_FALSE(is_consistent(heads[before], *proof, other));
      Proof longer = *proof;
      longer.push_back(heads[size].root);
      CHECK_FALSE(is_consistent(heads[before], longer, heads[size]));
    }
  }
  CHECK_FALSE(is_consistent(heads[5], {}, heads[4]));
}

TEST_CASE("proof: holds across tiles and their levels") {
  MemoryTree tree;
  std::vector<TreeHead> heads;
  constexpr std::uint64_t size = 66'100;
  for (std::uint64_t i = 0; i < size; ++i) {
    tree.append(std::to_string(i));
    heads.push_back(tree.tree_head());
  }
  for (const std::uint64_t at : {1UL, 255UL, 256UL, 257UL, 4'000UL, 65'535UL, 65'536UL, 65'537UL,
                                 65'792UL, 66'099UL, size}) {
    CAPTURE(at);
    const auto later = prove_consistency(tree, at, size);
    REQUIRE(later.has_value());
    CHECK(is_consistent(heads[at - 1], *later, heads.back()));
    const auto in_it = prove_inclusion(tree, at / 2, at);
    REQUIRE(in_it.has_value());
    CHECK(is_included(merkle_leaf(std::to_string(at / 2)), at / 2, *in_it, heads[at - 1]));
  }
}

TEST_CASE("proof: of what is not in the tree there is none, and the error says why") {
  const MemoryTree& tree = known_tree();
  CHECK(prove_inclusion(tree, 8, 8).error().message == "a tree of 8 events does not hold event 9");
  CHECK(prove_inclusion(tree, 0, 9).error().message == "the log has 8 events, not 9");
  CHECK(prove_consistency(tree, 9, 9).error().message == "the log has 8 events, not 9");
  CHECK(prove_consistency(tree, 5, 3).error().code == ErrorCode::invalid_input);
  CHECK(root_at(tree, 9).error().code == ErrorCode::invalid_input);
}

}  // namespace
}  // namespace muster
