#include "core/log/merkle/tile.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/log/merkle/tile_edge.h"

namespace muster {
namespace {

TEST_CASE("tile: paths are those of C2SP tlog-tiles, both ways") {
  struct Row {
    TileId id;
    std::string path;
  };
  const std::vector<Row> rows{
      {{.level = 0, .index = 0}, "tile/0/000"},
      {{.level = 0, .index = 1'234'067}, "tile/0/x001/x234/067"},
      {{.level = 1, .index = 1, .width = 17}, "tile/1/001.p/17"},
      {{.level = 2, .index = 0, .width = 1}, "tile/2/000.p/1"},
      {{.level = 7, .index = 999}, "tile/7/999"},
      {{.kind = TileId::Kind::entries, .index = 273, .width = 112}, "tile/entries/273.p/112"},
      {{.kind = TileId::Kind::entries, .index = 1000}, "tile/entries/x001/000"}};
  for (const Row& row : rows) {
    CHECK(path_of(row.id) == row.path);
    CHECK(parse_tile_path(row.path) == row.id);
  }
}

TEST_CASE("tile: a path that is written otherwise is none") {
  for (const std::string path : {"",
                                 "tile",
                                 "tile/",
                                 "tile/0",
                                 "tile/0/",
                                 "tile/0/0",
                                 "tile/0/0000",
                                 "tile/00/000",
                                 "tile/8/000",
                                 "tile/-1/000",
                                 "tile/0/x000/001",
                                 "tile/0/001/002",
                                 "tile/0/x001",
                                 "tile/0/001.p",
                                 "tile/0/001.p/",
                                 "tile/0/001.p/0",
                                 "tile/0/001.p/256",
                                 "tile/0/001.p/01",
                                 "tile/0/001.p/1x",
                                 "tile/0/001/",
                                 "/tile/0/001",
                                 "tile/entry/001",
                                 "tile/0/x001/x234/06",
                                 "tile/0/ 01",
                                 "tile/0/+01",
                                 "tile/0/x999/x999/x999/x999/x999/999",
                                 "checkpoint"}) {
    CAPTURE(path);
    CHECK_FALSE(parse_tile_path(path).has_value());
  }
}

TEST_CASE("tile: a tree of 70,000 leaves has the tiles of the specification's example") {
  CHECK(width_at(70'000, 0, 272) == 256);
  CHECK(width_at(70'000, 0, 273) == 112);
  CHECK(width_at(70'000, 0, 274) == 0);
  CHECK(width_at(70'000, 1, 0) == 256);
  CHECK(width_at(70'000, 1, 1) == 17);
  CHECK(width_at(70'000, 2, 0) == 1);
  CHECK(width_at(70'000, 3, 0) == 0);
  CHECK(has_tile(70'000, {.level = 0, .index = 273, .width = 111}));
  CHECK_FALSE(has_tile(70'000, {.level = 0, .index = 273, .width = 113}));
  CHECK_FALSE(has_tile(70'000, {.level = 0, .index = 273, .width = 0}));
  CHECK_FALSE(has_tile(70'000, {.level = 64, .index = 0, .width = 1}));
}

TEST_CASE("tile: bytes of another width are corrupt") {
  const TileHashes hashes{merkle_leaf("a"), merkle_leaf("b")};
  const std::string bytes = to_bytes(hashes);
  CHECK(tile_from_bytes(bytes, 2) == hashes);
  CHECK(tile_from_bytes(bytes, 1).error().code == ErrorCode::corrupt);
  CHECK(tile_from_bytes(bytes + "x", 2).error().code == ErrorCode::corrupt);
}

TEST_CASE("tile edge: gives each tile once, when it is full, and keeps the rest") {
  TileEdge edge;
  std::vector<FullTile> filled;
  std::vector<Digest> leaves;
  constexpr std::size_t size = 2 * 65'536 + 700;
  for (std::size_t i = 0; i < size; ++i) {
    leaves.push_back(merkle_leaf(std::to_string(i)));
    edge.append(leaves.back(), filled);
  }
  CHECK(edge.frontier() == frontier_over(leaves));
  CHECK(edge.partial(0).size() == size % 256);
  CHECK(edge.partial(1).size() == 2);
  CHECK(edge.partial(2).size() == 2);
  CHECK(edge.partial(3).empty());
  REQUIRE(filled.size() == 514 + 2);
  for (const FullTile& tile : filled) {
    const std::size_t leaves_each = tile.level == 0 ? 1 : 256;
    for (std::size_t i : {std::size_t{0}, std::size_t{255}}) {
      const std::size_t first = (tile.index * 256 + i) * leaves_each;
      const auto below = std::span(leaves).subspan(first, leaves_each);
      CHECK(tile.hashes.at(i) == frontier_over(below).root());
    }
  }
}

TEST_CASE("tile edge: goes on from its parts as if it had never stopped") {
  TileEdge one;
  std::vector<FullTile> filled;
  for (int i = 0; i < 66'000; ++i) {
    if (i % 997 == 0 || i == 65'535 || i == 65'536) {
      TileEdge other(one.size(), {one.partial(0), one.partial(1), one.partial(2)});
      CHECK(other.frontier() == one.frontier());
      one = other;
    }
    one.append(merkle_leaf(std::to_string(i)), filled);
  }
  CHECK(filled.size() == 257 + 1);
}

}  // namespace
}  // namespace muster
