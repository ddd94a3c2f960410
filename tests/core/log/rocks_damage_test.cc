// Logs whose files were really damaged: refused and named, never repaired.
#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

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

constexpr std::uint64_t appends = 20;

// A log with `appends` records, each of an append of its own, all still in the write-ahead log.
void fill(const fs::path& folder) {
  auto log = RocksEventLog::open(folder);
  REQUIRE(log.has_value());
  for (std::uint64_t i = 1; i <= appends; ++i) {
    REQUIRE(append(**log, numbered_records(i, 1)));
  }
}

// The same, all in table files.
void fill_and_flush(const fs::path& folder) {
  fill(folder);
  auto database = RocksDatabase::open(folder / "rocks", false);
  REQUIRE(database.has_value());
  REQUIRE(database->db().Flush({}, {database->events(), database->meta()}).ok());
}

std::vector<fs::path> files(const fs::path& folder, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder / "rocks")) {
    if (entry.path().extension() == extension && entry.file_size() > 0) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  REQUIRE_FALSE(found.empty());
  return found;
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void flip(const fs::path& file, std::size_t at) {
  std::string content = content_of(file);
  content.at(at) = static_cast<char>(content.at(at) ^ 0x40);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

void check_refused(const fs::path& folder) {
  const auto log = RocksEventLog::open(folder);
  REQUIRE_FALSE(log.has_value());
  CAPTURE(log.error().message);
  CHECK(log.error().code == ErrorCode::corrupt);
  CHECK(log.error().message.find(folder.string()) != std::string::npos);
  CHECK(log.error().message.find("restore a backup") != std::string::npos);
}

TEST_CASE("damaged log: a last append torn by a crash is dropped whole, the others stay") {
  const TemporaryFolder folder;
  fill(folder.path());
  const fs::path wal = files(folder.path(), ".log").back();
  fs::resize_file(wal, fs::file_size(wal) - 5);
  auto log = RocksEventLog::open(folder.path());
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  CHECK(holds_exactly(**log, appends - 1));
  CHECK(append(**log, numbered_records(appends, 1)) == Sequence(appends));
  CHECK(holds_exactly(**log, appends));
}

TEST_CASE("damaged log: a wrong byte before good records is refused") {
  const TemporaryFolder folder;
  fill(folder.path());
  const fs::path wal = files(folder.path(), ".log").back();
  const std::string before = content_of(wal);
  flip(wal, before.size() / 2);
  check_refused(folder.path());
  check_refused(folder.path());  // The first attempt changed nothing.
  flip(wal, before.size() / 2);
  CHECK(content_of(wal) == before);
  auto log = RocksEventLog::open(folder.path());
  REQUIRE(log.has_value());
  CHECK(holds_exactly(**log, appends));
}

TEST_CASE("damaged log: a missing table file is refused") {
  const TemporaryFolder folder;
  fill_and_flush(folder.path());
  fs::remove(files(folder.path(), ".sst").front());
  check_refused(folder.path());
}

TEST_CASE("damaged log: a missing or broken manifest is refused") {
  for (const bool remove : {true, false}) {
    const TemporaryFolder folder;
    fill_and_flush(folder.path());
    for (const auto& entry : fs::directory_iterator(folder.path() / "rocks")) {
      if (!entry.path().filename().string().starts_with("MANIFEST")) {
        continue;
      }
      if (remove) {
        fs::remove(entry.path());
      } else {
        flip(entry.path(), 20);
      }
    }
    check_refused(folder.path());
  }
}

TEST_CASE("damaged log: a database that is gone is refused, not made anew") {
  const TemporaryFolder folder;
  fill(folder.path());
  fs::remove_all(folder.path() / "rocks");
  check_refused(folder.path());
  CHECK_FALSE(fs::exists(folder.path() / "rocks"));
}

TEST_CASE("damaged log: a wrong byte in a table file is corrupt when it is opened or read") {
  std::size_t opened = 0;
  for (std::size_t at = 0; at < 400; at += 40) {
    const TemporaryFolder folder;
    fill_and_flush(folder.path());
    for (const fs::path& table : files(folder.path(), ".sst")) {
      flip(table, at);
    }
    auto log = RocksEventLog::open(folder.path());
    if (!log) {
      CHECK(log.error().code == ErrorCode::corrupt);
      continue;
    }
    ++opened;
    const auto last =
        (*log)->read_after(Sequence(0), [](Sequence, std::string_view) { return true; });
    REQUIRE_FALSE(last.has_value());
    CHECK(last.error().code == ErrorCode::corrupt);
  }
  CAPTURE(opened);
}

TEST_CASE("damaged log: a read passes on what is before the damage, and names the event") {
  const TemporaryFolder folder;
  fill(folder.path());
  {
    auto database = RocksDatabase::open(folder.path() / "rocks", false);
    REQUIRE(database.has_value());
    REQUIRE(database->db().Delete({}, database->events(), event_key(12)).ok());
    Record wrong = numbered_records(8, 1)[0];
    wrong.back() = 'x';
    REQUIRE(database->db().Put({}, database->events(), event_key(8), wrong).ok());
  }
  // To go on from the last records they must be right; to read them they need not.
  CHECK(RocksEventLog::open(folder.path()).error().code == ErrorCode::corrupt);
  auto log = RocksEventLog::open(folder.path(), {.read_only = true});
  REQUIRE(log.has_value());
  std::uint64_t passed = 0;
  const EventLog::Sink sink = [&passed](Sequence sequence, std::string_view) {
    passed = sequence.value();
    return true;
  };
  const auto wrong = (*log)->read_after(Sequence(0), sink);
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code == ErrorCode::corrupt);
  CHECK(wrong.error().message.find("event 8 ") != std::string::npos);
  CHECK(passed == 7);
  const auto missing = (*log)->read_after(Sequence(8), sink);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message.find("event 12 ") != std::string::npos);
  CHECK(passed == 11);
  CHECK((*log)->read(Sequence(7)).has_value());
  CHECK((*log)->read(Sequence(8)).error().code == ErrorCode::corrupt);
  CHECK((*log)->read(Sequence(12)).error().message == missing.error().message);
}

}  // namespace
}  // namespace muster
