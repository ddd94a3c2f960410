#include "tools/agent/services/service_folders.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"
#include "tools/agent/services/rotated_log.h"
#include "tools/agent/support/files.h"

namespace muster::agent {

namespace fs = std::filesystem;
using test::TemporaryFolder;

namespace {

const ServiceSpec web{"web", {"web"}, {}, {"cache", "data"}};
const ServiceSpec db{"db", {"db"}, {}, {"data"}};

void put(const fs::path& file) { std::ofstream(file) << "x"; }

struct Bench {
  explicit Bench(bool has_volumes = true) : folders(folder.path(), has_volumes) {
    REQUIRE(folders.prepare(web));
    REQUIRE(folders.prepare(db));
  }

  [[nodiscard]] bool has(const std::string& path) const { return fs::exists(folder.path() / path); }

  TemporaryFolder folder;
  ServiceFolders folders;
};

}  // namespace

TEST_CASE("service folders: volumes are shared by name and lie outside of the services") {
  Bench bench;
  put(bench.folders.of(web) / "data" / "file");
  CHECK(bench.has("services/db/data/file"));
  CHECK(bench.has("volumes/data/file"));
  CHECK_FALSE(bench.has("services/web/cache/file"));
}

TEST_CASE("service folders: preparing again keeps what is there, for another service nothing") {
  Bench bench;
  put(bench.folders.of(web) / "own");
  put(bench.folders.of(web) / "data" / "file");
  REQUIRE(bench.folders.prepare(web));
  CHECK(bench.has("services/web/own"));
  auto other = web;
  other.environment["A"] = "1";
  REQUIRE(bench.folders.prepare(other));
  CHECK_FALSE(bench.has("services/web/own"));
  CHECK(bench.has("services/web/data/file"));
}

TEST_CASE("service folders: one that was not made whole is made anew") {
  Bench bench;
  put(bench.folders.of(web) / "own");
  REQUIRE(fs::remove(bench.folder.path() / "services/.made/web"));
  REQUIRE(bench.folders.prepare(web));
  CHECK_FALSE(bench.has("services/web/own"));
}

TEST_CASE("service folders: removing the others keeps volumes") {
  Bench bench;
  put(bench.folders.of(web) / "data" / "file");
  REQUIRE(bench.folders.remove_others({db}));
  CHECK_FALSE(bench.has("services/web"));
  CHECK(bench.has("services/db/data/file"));
  REQUIRE(bench.folders.remove_others({}));
  CHECK_FALSE(bench.has("services/db"));
  CHECK(bench.has("volumes/data/file"));
}

TEST_CASE("service folders: emptied volumes are there again, empty") {
  Bench bench;
  put(bench.folders.of(web) / "data" / "file");
  REQUIRE(bench.folders.empty_volumes());
  REQUIRE(bench.folders.prepare(web));
  CHECK(fs::is_empty(bench.folder.path() / "volumes/data"));
  CHECK(fs::is_directory(bench.folders.of(web) / "data"));
}

TEST_CASE("service folders: an old OS has one data folder for all, and no volumes") {
  Bench bench(false);
  CHECK_FALSE(bench.has("volumes"));
  CHECK_FALSE(bench.has("services/web/cache"));
  put(bench.folders.of(web) / "data" / "file");
  CHECK(bench.has("services/db/data/file"));
  CHECK(bench.has("data/file"));
  REQUIRE(bench.folders.empty_volumes());
  CHECK(bench.has("data"));
  CHECK_FALSE(bench.has("data/file"));
}

TEST_CASE("rotated log: is bounded, and keeps the newest") {
  const TemporaryFolder folder;
  const auto file = folder.path() / "logs" / "web.log";
  RotatedLog log(file, 10);
  for (int i = 0; i < 10; ++i) log.append(std::to_string(i) + "---\n");
  CHECK(fs::file_size(file) <= 10);
  CHECK(fs::file_size(file.string() + ".1") <= 10);
  CHECK(*read_file(file.string() + ".1") + *read_file(file) == "6---\n7---\n8---\n9---\n");
  RotatedLog(file, 10).append("z");
  CHECK(read_file(file) == "z");
  CHECK(read_file(file.string() + ".1") == "8---\n9---\n");
}

}  // namespace muster::agent
