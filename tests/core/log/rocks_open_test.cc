// What opening a log's folder accepts and refuses.
#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "core/base/endian.h"
#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks_event_log.h"
#include "tests/core/log/log_records.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using test::append;
using test::holds_exactly;
using test::numbered_records;
using test::TemporaryFolder;

std::unique_ptr<RocksEventLog> opened(const fs::path& folder, RocksLogOptions options = {}) {
  auto log = RocksEventLog::open(folder, std::move(options));
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  return *std::move(log);
}

// The error names the folder.
Error refusal(const fs::path& folder, RocksLogOptions options = {}) {
  const auto log = RocksEventLog::open(folder, std::move(options));
  REQUIRE_FALSE(log.has_value());
  CAPTURE(log.error().message);
  CHECK(log.error().message.find(folder.string()) != std::string::npos);
  return log.error();
}

void put_meta(const fs::path& folder, const std::string& key, const std::string& value) {
  auto database = RocksDatabase::open(folder / "rocks", false);
  REQUIRE(database.has_value());
  REQUIRE(database->db().Put({}, database->meta(), key, value).ok());
}

TEST_CASE("rocks event log: goes on after it was closed") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "data" / "log";
  Digest root{};
  for (std::uint64_t round = 0; round < 5; ++round) {
    const auto log = opened(path);
    CHECK(holds_exactly(*log, round * 10));
    CHECK((round == 0 || log->frontier().root() == root));
    CHECK(append(*log, numbered_records(round * 10 + 1, 10)) == Sequence(round * 10 + 10));
    root = log->frontier().root();
  }
  MerkleFrontier again;
  for (const Record& record : numbered_records(1, 50)) {
    again.append(merkle_leaf(record));
  }
  CHECK(again.root() == root);
}

TEST_CASE("rocks event log: a creation that was cut short is begun anew") {
  const TemporaryFolder folder;
  fs::create_directories(folder.path() / "rocks.new");
  std::ofstream(folder.path() / "rocks.new" / "CURRENT") << "half";
  CHECK(holds_exactly(*opened(folder.path()), 0));
  CHECK_FALSE(fs::exists(folder.path() / "rocks.new"));
}

TEST_CASE("rocks event log: one writer, or many readers") {
  const TemporaryFolder folder;
  {
    const auto writer = opened(folder.path());
    REQUIRE(append(*writer, numbered_records(1, 3)));
    CHECK(refusal(folder.path()).code == ErrorCode::in_use);
    CHECK(refusal(folder.path(), {.read_only = true}).code == ErrorCode::in_use);
  }
  const auto reader = opened(folder.path(), {.read_only = true});
  const auto other = opened(folder.path(), {.read_only = true});
  CHECK(holds_exactly(*reader, 3));
  CHECK(holds_exactly(*other, 3));
  CHECK(reader->writable().error().code == ErrorCode::unavailable);
  CHECK(refusal(folder.path()).code == ErrorCode::in_use);
}

TEST_CASE("rocks event log: reading makes nothing") {
  const TemporaryFolder folder;
  const fs::path missing = folder.path() / "log";
  CHECK(refusal(missing, {.read_only = true}).code == ErrorCode::invalid_input);
  CHECK_FALSE(fs::exists(missing));
  CHECK(refusal(folder.path(), {.read_only = true}).code == ErrorCode::invalid_input);
  CHECK(fs::is_empty(folder.path()));
}

TEST_CASE("rocks event log: a folder of something else is refused and left alone") {
  const TemporaryFolder folder;
  std::ofstream(folder.path() / "photo.jpg") << "x";
  const Error error = refusal(folder.path());
  CHECK(error.code == ErrorCode::incompatible);
  CHECK(error.message.find("photo.jpg") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path() / "rocks"));
  CHECK(refusal(folder.path() / "photo.jpg").code == ErrorCode::incompatible);
}

TEST_CASE("rocks event log: another program's RocksDB is refused") {
  const TemporaryFolder folder;
  rocksdb::Options options;
  options.create_if_missing = true;
  for (const fs::path& place : {folder.path() / "a", folder.path() / "b" / "rocks"}) {
    fs::create_directories(place);
    rocksdb::DB* db = nullptr;
    REQUIRE(rocksdb::DB::Open(options, place.string(), &db).ok());
    delete db;
  }
  CHECK(refusal(folder.path() / "a").code == ErrorCode::incompatible);
  CHECK(refusal(folder.path() / "b").code == ErrorCode::incompatible);
}

TEST_CASE("rocks event log: a newer format is refused, and what to do is said") {
  const TemporaryFolder folder;
  opened(folder.path()).reset();
  std::string format;
  append_big_endian(format, std::uint32_t{2});
  put_meta(folder.path(), "format", format);
  const Error error = refusal(folder.path());
  CHECK(error.code == ErrorCode::incompatible);
  CHECK(error.message.find("use a newer one") != std::string::npos);
}

TEST_CASE("rocks event log: a frontier that does not fit the events is corrupt") {
  const TemporaryFolder folder;
  REQUIRE(append(*opened(folder.path()), numbered_records(1, 3)));
  MerkleFrontier two;
  two.append(merkle_leaf("a"));
  for (const std::string& frontier :
       {two.to_bytes(), MerkleFrontier().to_bytes(), std::string("x")}) {
    put_meta(folder.path(), "frontier", frontier);
    CHECK(refusal(folder.path()).code == ErrorCode::corrupt);
  }
}

TEST_CASE("rocks event log: a missing first or last event is corrupt at once") {
  for (const std::uint64_t missing : {1U, 3U}) {
    const TemporaryFolder folder;
    REQUIRE(append(*opened(folder.path()), numbered_records(1, 3)));
    {
      auto database = RocksDatabase::open(folder.path() / "rocks", false);
      REQUIRE(database.has_value());
      REQUIRE(database->db().Delete({}, database->events(), event_key(missing)).ok());
    }
    CHECK(refusal(folder.path()).code == ErrorCode::corrupt);
  }
}

TEST_CASE("rocks event log: says no when the disk is nearly full, and makes no ballast then") {
  const TemporaryFolder folder;
  RocksLogOptions options;
  options.disk.free_bytes = [](const fs::path&) -> Result<std::uint64_t> { return 1; };
  const auto log = opened(folder.path(), options);
  CHECK(log->writable().error().code == ErrorCode::unavailable);
  CHECK_FALSE(fs::exists(folder.path() / "ballast"));
}

}  // namespace
}  // namespace muster
