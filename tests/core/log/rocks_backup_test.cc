#include "core/log/rocks_backup.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/base/random.h"
#include "core/log/record/record_frame.h"
#include "core/log/rocks_event_log.h"
#include "tests/core/log/log_records.h"
#include "tests/support/temporary_folder.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace fs = std::filesystem;

namespace {

const auto no_progress = [](std::uint64_t, std::uint64_t) { return true; };

Uuid uuid_of(std::uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

BackupNote note_of(const RocksEventLog& log, std::uint8_t uuid = 7) {
  return {.log = uuid_of(uuid),
          .epoch = 42,
          .head = log.tree_head(),
          .last_event = Timestamp{} + std::chrono::hours{1},
          .made_at = Timestamp{} + std::chrono::hours{2},
          .made_by = "1.2.3",
          .checkpoint = "some\nlines\n",
          .key = "name+01234567+AQ=="};
}

/// A log, and a folder for its backups.
struct World {
  test::TemporaryFolder temporary;
  fs::path backups = temporary.path() / "backups";
  std::unique_ptr<RocksEventLog> log = *RocksEventLog::open(temporary.path() / "log");

  void grow(std::uint64_t count) {
    REQUIRE(test::append(*log, test::numbered_records(log->head().value() + 1, count)));
  }
  [[nodiscard]] std::unique_ptr<RocksBackups> open(
      RocksBackups::Access access = RocksBackups::Access::write) const {
    auto opened = RocksBackups::open(backups, access);
    REQUIRE(opened.has_value());
    return std::move(*opened);
  }
  StoredBackup back_up() {
    const auto made = open()->create(*log, note_of(*log), no_progress);
    REQUIRE(made.has_value());
    return *made;
  }
  /// The largest file that backups share: a table of events.
  [[nodiscard]] fs::path largest_file() const {
    fs::path largest;
    for (const auto& entry : fs::recursive_directory_iterator(backups)) {
      if (!entry.is_regular_file()) continue;
      if (largest.empty() || entry.file_size() > fs::file_size(largest)) largest = entry.path();
    }
    return largest;
  }
  [[nodiscard]] std::uintmax_t bytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(backups)) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }
};

}  // namespace

TEST_CASE("backup note: what is written is read again; what is torn is not") {
  World world;
  world.grow(3);
  const BackupNote note = note_of(*world.log);
  const std::string text = to_text(note);
  const auto again = parse_backup_note(text);
  REQUIRE(again.has_value());
  CHECK(*again == note);
  CHECK(parse_backup_note(text + "later yes\n") == note);
  CHECK(parse_backup_note(text.substr(0, text.find("root")) + text.substr(text.find("last")))
            .error()
            .code == ErrorCode::corrupt);
  CHECK(parse_backup_note("").error().code == ErrorCode::corrupt);
  CHECK(parse_backup_note("muster-backup 2\n").error().code == ErrorCode::incompatible);
}

TEST_CASE("backup: a restored log is the same one, also of a log that went on meanwhile") {
  World world;
  world.grow(600);
  const StoredBackup made = world.back_up();
  CHECK(made.note == note_of(*world.log));
  world.grow(50);
  const fs::path restored = world.temporary.path() / "restored";
  REQUIRE(world.open()->restore(made.id, restored).has_value());
  const auto log = RocksEventLog::open(restored);
  REQUIRE(log.has_value());
  CHECK(test::holds_exactly(**log, 600));
  CHECK((*log)->tree_head() == made.note.head);
  CHECK(test::holds_exactly(*world.log, 650));
}

TEST_CASE("backup: the second one costs what is new, and both can be restored") {
  World world;
  world.grow(20'000);
  const StoredBackup first = world.back_up();
  const auto before = world.bytes();
  world.grow(10);
  const StoredBackup second = world.back_up();
  CHECK(second.id > first.id);
  CHECK(world.bytes() - before < before / 10);
  const auto backups = world.open(RocksBackups::Access::read);
  CHECK(backups->list()->size() == 2);
  CHECK(backups->find(std::nullopt)->id == second.id);
  REQUIRE(backups->restore(first.id, world.temporary.path() / "first").has_value());
  REQUIRE(backups->restore(second.id, world.temporary.path() / "second").has_value());
  CHECK(test::holds_exactly(**RocksEventLog::open(world.temporary.path() / "first"), 20'000));
  CHECK(test::holds_exactly(**RocksEventLog::open(world.temporary.path() / "second"), 20'010));
}

TEST_CASE("backup: one that is stopped was never there, and the next is whole") {
  World world;
  constexpr std::size_t large = 60'000;
  std::vector<Record> records;
  while (records.size() < 100) {
    std::vector<std::uint8_t> bytes(large);
    fill_random(bytes);
    records.push_back(make_record(as_text(bytes)));
  }
  REQUIRE(test::append(*world.log, records));
  std::uint64_t told = 0;
  const auto stop_at_once = [&](std::uint64_t done, std::uint64_t total) {
    ++told;
    CHECK(done <= total);
    return false;
  };
  const auto stopped = world.open()->create(*world.log, note_of(*world.log), stop_at_once);
  CHECK(told >= 1);
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().code == ErrorCode::unavailable);
  CHECK(world.open()->list()->empty());
  const StoredBackup made = world.back_up();
  CHECK(world.open(RocksBackups::Access::read)->verify(made.id).has_value());
}

TEST_CASE("backup: a changed byte is found, and the file is named") {
  World world;
  world.grow(2'000);
  const StoredBackup made = world.back_up();
  REQUIRE(world.open()->verify(made.id).has_value());
  const fs::path file = world.largest_file();
  {
    std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekg(static_cast<std::streamoff>(fs::file_size(file) / 2));
    const char byte = static_cast<char>(bytes.peek() ^ 1);
    bytes.seekp(static_cast<std::streamoff>(fs::file_size(file) / 2));
    bytes.put(byte);
  }
  const auto found = world.open(RocksBackups::Access::read)->verify(made.id);
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().code == ErrorCode::corrupt);
  CHECK(found.error().message.find(file.filename().string()) != std::string::npos);
  CHECK_FALSE(world.open()->restore(made.id, world.temporary.path() / "no").has_value());
}

TEST_CASE("backup: it can be read where it is") {
  World world;
  world.grow(1'000);
  const StoredBackup made = world.back_up();
  world.grow(5);
  const auto backups = RocksBackups::open(fs::relative(world.backups), RocksBackups::Access::read);
  REQUIRE(backups.has_value());
  const auto log = (*backups)->open_log(made.id);
  REQUIRE(log.has_value());
  CHECK(test::holds_exactly(**log, 1'000));
  CHECK((*log)->tree_head() == made.note.head);
  CHECK((*log)->tile({.level = 0, .index = 3, .width = 232})->back() ==
        world.log->tile({.level = 0, .index = 3, .width = 232})->back());
}

TEST_CASE("backup: a folder is of one log, and holds nothing else") {
  World world;
  world.grow(3);
  world.back_up();
  const auto other = world.open()->create(*world.log, note_of(*world.log, 8), no_progress);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == ErrorCode::invalid_input);
  CHECK(other.error().message.find("a folder of its own") != std::string::npos);

  const fs::path strange = world.temporary.path() / "log";
  CHECK(RocksBackups::open(strange, RocksBackups::Access::write).error().code ==
        ErrorCode::invalid_input);
  CHECK(RocksBackups::open(strange, RocksBackups::Access::read).error().code ==
        ErrorCode::invalid_input);
  CHECK(RocksBackups::open(world.temporary.path() / "none", RocksBackups::Access::read)
            .error()
            .code == ErrorCode::invalid_input);
  CHECK(world.open()->find(99).error().code == ErrorCode::invalid_input);
  CHECK(world.open()->restore(1, strange).error().code == ErrorCode::in_use);
}

TEST_CASE("backup: one process at a time writes; old ones go, the newest stay") {
  World world;
  world.grow(3);
  world.back_up();
  world.grow(3);
  world.back_up();
  world.grow(3);
  const StoredBackup newest = world.back_up();
  const auto writer = world.open();
  CHECK(RocksBackups::open(world.backups, RocksBackups::Access::write).error().code ==
        ErrorCode::in_use);
  CHECK(world.open(RocksBackups::Access::read)->list()->size() == 3);
  CHECK(*writer->keep(1) == 2);
  CHECK(*writer->keep(1) == 0);
  const auto left = writer->list();
  REQUIRE(left->size() == 1);
  CHECK(left->front().id == newest.id);
  CHECK(writer->verify(newest.id).has_value());
}
