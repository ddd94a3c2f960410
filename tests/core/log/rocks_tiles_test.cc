// The Merkle tree that a log on disk keeps beside its records.
#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/log/merkle/proof.h"
#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks/rocks_tiles.h"
#include "core/log/rocks_event_log.h"
#include "tests/core/log/log_records.h"
#include "tests/support/memory_tree.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::MemoryTree;
using test::numbered_records;
using test::TemporaryFolder;

constexpr std::uint64_t many = 66'000;  // Two full levels of tiles, and a bit.

std::unique_ptr<RocksEventLog> opened(const fs::path& folder, RocksLogOptions options = {}) {
  auto log = RocksEventLog::open(folder, std::move(options));
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  return *std::move(log);
}

MemoryTree& expected_tree() {
  static MemoryTree tree;
  if (tree.tree_head().size == 0) {
    for (const Record& record : numbered_records(1, many)) tree.append(record);
  }
  return tree;
}

void fill(RocksEventLog& log, std::uint64_t count) {
  for (std::uint64_t first = 1; first <= count; first += 777) {
    REQUIRE(append(log, numbered_records(first, std::min<std::uint64_t>(777, count + 1 - first))));
  }
}

// Every tile there is, and proofs over them.
void check_tree(const RocksEventLog& log) {
  const MemoryTree& expected = expected_tree();
  REQUIRE(log.tree_head() == expected.tree_head());
  for (std::uint32_t level = 0; hashes_of_level(many, level) > 0; ++level) {
    for (std::uint64_t index = 0; width_at(many, level, index) > 0; ++index) {
      const TileId id{.level = level, .index = index, .width = width_at(many, level, index)};
      CHECK(log.tile(id).value() == expected.tile(id).value());
    }
  }
  CHECK(root_at(log, 12'345).value() == root_at(expected, 12'345).value());
  CHECK(prove_consistency(log, 300, many).value() ==
        prove_consistency(expected, 300, many).value());
}

// As the first Muster left a log: without tiles.
void take_tiles_away(const fs::path& folder) {
  auto database = RocksDatabase::open(folder / "rocks", false);
  REQUIRE(database.has_value());
  REQUIRE(database->db().Delete({}, database->meta(), RocksDatabase::tiles_key).ok());
  REQUIRE(database->db().DropColumnFamily(database->tiles()).ok());
}

TEST_CASE("rocks tiles: a log keeps every full tile, and builds the others") {
  const TemporaryFolder folder;
  const auto log = opened(folder.path());
  fill(*log, many);
  check_tree(*log);
  CHECK(log->tile({.level = 0, .index = 257, .width = 255}).error().code ==
        ErrorCode::invalid_input);
  const auto narrow = log->tile({.level = 0, .index = 0, .width = 3});
  REQUIRE(narrow.has_value());
  CHECK(narrow->size() == 3);
}

TEST_CASE("rocks tiles: goes on after it was closed, at any edge") {
  const TemporaryFolder folder;
  for (std::uint64_t first = 1; first <= 2'000; first += 100) {
    const auto log = opened(folder.path());
    REQUIRE(append(*log, numbered_records(first, 100)));
    CHECK(log->tree_head().root == log->frontier().root());
    CHECK(root_at(*log, log->tree_head().size) == log->tree_head().root);
  }
  const auto reader = opened(folder.path(), {.read_only = true});
  CHECK(root_at(*reader, 2'000) == reader->tree_head().root);
}

TEST_CASE("rocks tiles: a log from before there were any gets them when it is opened") {
  const TemporaryFolder folder;
  fill(*opened(folder.path()), many);
  take_tiles_away(folder.path());
  {
    const auto reader = opened(folder.path(), {.read_only = true});
    CHECK(reader->tree_head() == expected_tree().tree_head());
    const auto tile = reader->tile({.level = 0, .index = 0});
    REQUIRE_FALSE(tile.has_value());
    CHECK(tile.error().message.find("muster serve") != std::string::npos);
  }
  check_tree(*opened(folder.path()));
  check_tree(*opened(folder.path(), {.read_only = true}));
}

TEST_CASE("rocks tiles: filling that was cut short is begun anew") {
  const TemporaryFolder folder;
  fill(*opened(folder.path()), many);
  take_tiles_away(folder.path());
  {
    auto database = RocksDatabase::open(folder.path() / "rocks", false);
    REQUIRE(database.has_value());
    rocksdb::WriteBatch batch;
    const FullTile half{.level = 0, .index = 0, .hashes = TileHashes(tile_width)};
    REQUIRE(put_tile(batch, *database, half).ok());
    REQUIRE(database->db().Write({}, &batch).ok());
  }
  check_tree(*opened(folder.path()));
}

TEST_CASE("rocks tiles: a missing or changed tile that the tree goes on from is corrupt") {
  for (const bool missing : {true, false}) {
    const TemporaryFolder folder;
    fill(*opened(folder.path()), 2'000);
    {
      auto database = RocksDatabase::open(folder.path() / "rocks", false);
      REQUIRE(database.has_value());
      const std::string key = tile_key(0, 3);
      const std::string zeros(tile_width * sizeof(Digest), '\0');
      REQUIRE((missing ? database->db().Delete({}, database->tiles(), key)
                       : database->db().Put({}, database->tiles(), key, zeros))
                  .ok());
    }
    const auto log = RocksEventLog::open(folder.path());
    REQUIRE_FALSE(log.has_value());
    CHECK(log.error().code == ErrorCode::corrupt);
    CHECK((!missing || log.error().message.find("tile/0/003 is missing") != std::string::npos));
    const auto reader = opened(folder.path(), {.read_only = true});
    CHECK(reader->tile({.level = 0, .index = 7, .width = 1}).error().code == ErrorCode::corrupt);
  }
}

TEST_CASE("rocks tiles: what is stored can be read, right or wrong, for audits") {
  const TemporaryFolder folder;
  fill(*opened(folder.path()), 600);
  {
    auto database = RocksDatabase::open(folder.path() / "rocks", false);
    REQUIRE(database.has_value());
    REQUIRE(database->db().Put({}, database->events(), event_key(5), "wrong").ok());
    REQUIRE(database->db().Delete({}, database->events(), event_key(7)).ok());
  }
  const auto reader = opened(folder.path(), {.read_only = true});
  std::vector<std::uint64_t> passed;
  REQUIRE(reader->read_stored(Sequence(3), [&](Sequence sequence, std::string_view record) {
    passed.push_back(sequence.value());
    CHECK((record == "wrong") == (sequence == Sequence(5)));
    return passed.size() < 4;
  }));
  CHECK(passed == std::vector<std::uint64_t>{4, 5, 6, 8});
  const auto tile = reader->stored_tile({.level = 0, .index = 1});
  REQUIRE(tile.has_value());
  CHECK((*tile)->size() == tile_width * sizeof(Digest));
  CHECK(reader->stored_tile({.level = 0, .index = 2})->has_value() == false);
}

}  // namespace
}  // namespace muster
