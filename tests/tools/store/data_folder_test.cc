#include "tools/store/data_folder.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace fs = std::filesystem;

TEST_CASE("data folder: it is made for its owner only, and is for one server at a time") {
  const test::TemporaryFolder temporary;
  const fs::path root = temporary.path() / "new" / "data";
  const auto folder = DataFolder::open(root);
  REQUIRE(folder.has_value());
  CHECK(fs::status(root).permissions() == fs::perms::owner_all);
  CHECK(fs::status(root / "keys").permissions() == fs::perms::owner_all);

  const auto second = DataFolder::open(root);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::in_use);
  CHECK(second.error().message.find(root.string()) != std::string::npos);
}

TEST_CASE("data folder: a secret is made once and stays; a damaged one is not replaced") {
  const test::TemporaryFolder temporary;
  const fs::path file = temporary.path() / "secret";
  const auto made = load_or_make_secret(file);
  REQUIRE(made.has_value());
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(load_or_make_secret(file).value() == *made);

  fs::resize_file(file, 7);
  const auto damaged = load_or_make_secret(file);
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().code == ErrorCode::corrupt);
  CHECK(fs::file_size(file) == 7);
}

TEST_CASE("data folder: what a killed restore left is restored into again, a server's is not") {
  const test::TemporaryFolder temporary;
  const fs::path root = temporary.path() / "data";
  fs::create_directories(root);
  std::ofstream(root / "restoring.new") << "";  // Killed before it had its name.
  CHECK(DataFolder::open_to_restore(root).has_value());
  fs::create_directories(root / "log");  // Killed later.
  CHECK(DataFolder::open(root).error().code == ErrorCode::incompatible);
  const auto again = DataFolder::open_to_restore(root);
  REQUIRE(again.has_value());
  CHECK_FALSE(fs::exists(root / "log"));
  REQUIRE(again->restored().has_value());

  fs::create_directories(root / "log");
  CHECK(DataFolder::open_to_restore(root).error().code == ErrorCode::invalid_input);
}
