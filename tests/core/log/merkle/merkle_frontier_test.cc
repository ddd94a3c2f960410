#include "core/log/merkle/merkle_frontier.h"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "core/base/hex.h"

namespace muster {
namespace {

Digest node(const Digest& left, const Digest& right) {
  constexpr std::array<std::uint8_t, 1> prefix{1};
  return sha256({prefix, left, right});
}

// MTH of RFC 6962 2.1, word by word.
Digest naive_root(std::span<const Digest> leaves) {
  if (leaves.empty()) {
    return sha256({});
  }
  if (leaves.size() == 1) {
    return leaves[0];
  }
  const std::size_t split = std::bit_floor(leaves.size() - 1);
  return node(naive_root(leaves.first(split)), naive_root(leaves.subspan(split)));
}

TEST_CASE("merkle frontier: has the root of RFC 6962 at every size up to 300") {
  MerkleFrontier frontier;
  std::vector<Digest> leaves;
  CHECK(frontier.root() == naive_root(leaves));
  for (int i = 0; i < 300; ++i) {
    leaves.push_back(merkle_leaf(std::to_string(i)));
    frontier.append(leaves.back());
    CHECK(frontier.size() == leaves.size());
    CHECK(frontier.root() == naive_root(leaves));
  }
}

TEST_CASE("merkle frontier: has the roots of Certificate Transparency's test vectors") {
  const std::vector<std::string> inputs{"",
                                        "00",
                                        "10",
                                        "2021",
                                        "3031",
                                        "40414243",
                                        "5051525354555657",
                                        "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots{
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  MerkleFrontier frontier;
  CHECK(to_hex(frontier.root()) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    frontier.append(merkle_leaf(as_text(*from_hex(inputs[i]))));
    CHECK(to_hex(frontier.root()) == roots[i]);
  }
}

TEST_CASE("merkle frontier: goes on from its bytes as if it had never stopped") {
  MerkleFrontier one;
  for (int i = 0; i < 70; ++i) {
    auto other = MerkleFrontier::from_bytes(one.to_bytes());
    REQUIRE(other.has_value());
    const Digest leaf = merkle_leaf(std::to_string(i));
    one.append(leaf);
    other->append(leaf);
    CHECK(other->root() == one.root());
    CHECK(other->size() == one.size());
  }
}

TEST_CASE("merkle frontier: bytes that fit no tree are corrupt") {
  MerkleFrontier frontier;
  frontier.append(merkle_leaf("a"));
  const std::string bytes = frontier.to_bytes();
  for (const std::string& wrong : {std::string(), bytes.substr(0, 7), bytes.substr(0, 39),
                                   std::string(bytes).append("x"), std::string(40, '\xff')}) {
    const auto read = MerkleFrontier::from_bytes(wrong);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace muster
