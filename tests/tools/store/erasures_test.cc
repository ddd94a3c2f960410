#include "tools/store/erasures.h"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "projections/reader.h"
#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"
#include "tools/store/data_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

Erasure erasure_of(std::uint32_t user, int created) {
  return {.log = test::System::id,
          .user = UserId{user},
          .created_at = Timestamp{} + std::chrono::seconds{created},
          .erased_at = Timestamp{} + std::chrono::hours{1}};
}

bool shrinks(const fs::path& file, std::uintmax_t from) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (fs::file_size(file) >= from && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return fs::file_size(file) < from;
}

TEST_CASE("ledger of erasures: what is added is there, once; a strange file is refused") {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "erased";
  CHECK(load_erasures(file)->empty());
  REQUIRE(add_erasures(file, {erasure_of(7, 1), erasure_of(8, 1)}).has_value());
  REQUIRE(add_erasures(file, {erasure_of(7, 1), erasure_of(7, 2)}).has_value());
  const auto all = load_erasures(file);
  REQUIRE(all->size() == 3);
  CHECK(all->back().is_of_same(erasure_of(7, 2)));
  CHECK_FALSE(all->back().is_of_same(all->front()));
  std::ofstream(file, std::ios::app) << "nonsense\n";
  CHECK(load_erasures(file).error().code == ErrorCode::corrupt);
}

TEST_CASE("erasures: the key goes when the event is folded, and no new one is made") {
  const test::TemporaryFolder folder;
  const fs::path keys = folder.path() / "keys";
  std::uintmax_t before = 0;
  {
    test::System system(folder.path());
    system.follow();
    system.must(CreateUser{.username = "ada", .instance_roles = {}});
    before = fs::file_size(keys);
    const auto ada = Reader(system.store()).find_user("ada");
    REQUIRE(ada.has_value());
    system.must(EraseUser{.username = "ada", .id = {}});
    CHECK(shrinks(keys, before));  // A moment after the answer.
    CHECK(Reader(system.store()).find(ada->id)->username == erased_text);
    CHECK_FALSE(Reader(system.store()).find_user("ada").has_value());
  }
  const test::System again(folder.path());  // The views are made anew, without the key.
  CHECK(fs::file_size(keys) < before);
}

TEST_CASE("data folder: a restore is refused over anything, and what it left by anybody else") {
  const test::TemporaryFolder temporary;
  const fs::path root = temporary.path() / "data";
  {
    const auto folder = DataFolder::open_to_restore(root);
    REQUIRE(folder.has_value());
    std::ofstream(folder->keys() / "half") << "done";
  }
  const auto served = DataFolder::open(root);
  REQUIRE_FALSE(served.has_value());
  CHECK(served.error().message.find("was not finished") != std::string::npos);
  {
    const auto folder = DataFolder::open_to_restore(root);
    REQUIRE(folder.has_value());
    CHECK(fs::is_empty(folder->keys()));
    std::ofstream(folder->keys() / "whole") << "done";
    REQUIRE(folder->restored().has_value());
  }
  CHECK(DataFolder::open(root).has_value());
  CHECK(DataFolder::open_to_restore(root).error().code == ErrorCode::invalid_input);
}

}  // namespace
}  // namespace muster
