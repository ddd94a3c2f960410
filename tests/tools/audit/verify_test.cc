// What a verification finds in a data folder that somebody changed.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log/checkpoint/checkpoint_signer.h"
#include "core/log/checkpoint/note.h"
#include "core/log/file_subject_keys.h"
#include "core/log/record/record_frame.h"
#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks/rocks_tiles.h"
#include "core/log/rocks_event_log.h"
#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"
#include "tools/audit/source/data_source.h"
#include "tools/audit/source/folder_source.h"
#include "tools/audit/tile_export.h"
#include "tools/audit/verify/verification.h"

namespace muster::audit {
namespace {

namespace fs = std::filesystem;
using Kinds = std::map<std::string, std::uint64_t>;

// A data folder with a log of some hundred events, its views and a checkpoint; nobody uses it.
struct Stand {
  Stand() {
    {
      test::System system(data());
      system.follow();
      const std::string fleet = system.fleet("kiosk");
      const Uuid device = system.device(fleet);
      const std::string one = system.release(fleet, "aaaaaaa");
      const std::string two = system.release(fleet, "bbbbbbb");
      for (int i = 0; i < 300; ++i) system.pin(device, i % 2 == 0 ? one : two);
      size = system.log().head().value();
    }
    fs::create_directory(data() / "moved");
    fs::rename(data() / "keys", data() / "moved" / "subjects");
    fs::rename(data() / "moved", data() / "keys");
    sign();
  }

  void sign() const {
    const auto log = RocksEventLog::open(data() / "log");
    REQUIRE(log.has_value());
    auto signer = CheckpointSigner::open({.key = data() / "keys" / "checkpoint.pem",
                                          .latest = data() / "checkpoint",
                                          .verifier = data() / "checkpoint.vkey"},
                                         {.name = "", .log = test::System::id, .epoch = 1}, **log);
    REQUIRE(signer.has_value());
    REQUIRE((*signer)->sign().has_value());
  }

  [[nodiscard]] fs::path data() const { return folder.path(); }

  VerifyReport verify() {
    auto source = DataSource::open(data());
    REQUIRE_MESSAGE(source.has_value(), source.error().message);
    auto report = audit::verify(**source, source->get(), options, [](auto, auto) {});
    REQUIRE_MESSAGE(report.has_value(), report.error().message);
    return *std::move(report);
  }

  void change(const std::function<rocksdb::Status(const RocksDatabase&)>& how) const {
    auto database = RocksDatabase::open(data() / "log" / "rocks", false);
    REQUIRE(database.has_value());
    REQUIRE(how(*database).ok());
  }

  [[nodiscard]] std::string record_at(std::uint64_t sequence) const {
    std::string record;
    change([&](const RocksDatabase& database) {
      return database.db().Get({}, database.events(), event_key(sequence), &record);
    });
    return record;
  }

  /// Appends events as the writer would, without asking its rules.
  void append(std::vector<Event> events) const {
    auto keys = FileSubjectKeys::open(data() / "keys" / "subjects");
    REQUIRE(keys.has_value());
    const RecordCodec codec(**keys);
    const auto log = RocksEventLog::open(data() / "log");
    REQUIRE(log.has_value());
    const Timestamp now = SystemClock().now();
    std::vector<Record> records;
    for (Event& event : events) {
      Recorded recorded{.sequence = Sequence{size + records.size() + 1},
                        .meta = {.at = now,
                                 .index = static_cast<std::uint32_t>(records.size()),
                                 .count = static_cast<std::uint32_t>(events.size())},
                        .event = std::move(event)};
      records.push_back(codec.encode(recorded).value());
    }
    (*log)->append(records, [](const Result<Sequence>& last) { REQUIRE(last.has_value()); });
  }

  test::TemporaryFolder folder;
  test::TemporaryFolder kept;
  VerifyOptions options{.threads = 2, .kept = kept.path(), .now = "now"};
  std::uint64_t size = 0;
};

TEST_CASE("verify: a data folder as it should be is sound, and its checkpoint is kept") {
  Stand stand;
  const auto report = stand.verify();
  CHECK(report.findings.empty());
  CHECK(report.events == stand.size);
  CHECK(report.replayed == stand.size);
  CHECK(report.compared_at == stand.size);
  CHECK(report.trust == KeyTrust::first_use);
  const auto again = stand.verify();
  CHECK(again.trust == KeyTrust::kept);
  REQUIRE(again.before.has_value());
  CHECK(again.before->checkpoint.head.size == stand.size);
}

TEST_CASE("verify: events after the checkpoint are checked too") {
  Stand stand;
  stand.append({DeviceRenamed{.id = DeviceId{1}, .name = "renamed"}});
  const auto report = stand.verify();
  CHECK(report.findings.empty());
  CHECK(report.events == stand.size + 1);
  CHECK(report.checkpoint->head.size == stand.size);
}

TEST_CASE("verify: a damaged record, also one whose checksum was made right again") {
  Stand stand;
  const std::string record = stand.record_at(100);
  std::string damaged = record;
  damaged[damaged.size() - 1] ^= 1;
  stand.change([&](const RocksDatabase& database) {
    return database.db().Put({}, database.events(), event_key(100), damaged);
  });
  CHECK(stand.verify().findings.counts() == Kinds{{"record", 1}, {"root", 2}, {"tile", 1}});
  damaged = make_record(std::string_view(stand.record_at(101)).substr(record_header_size));
  stand.change([&](const RocksDatabase& database) {
    return database.db().Put({}, database.events(), event_key(100), damaged);
  });
  const auto found = stand.verify().findings.counts();
  CHECK(found.contains("root"));
  CHECK(found.contains("tile"));
  CHECK_FALSE(found.contains("record"));
}

TEST_CASE("verify: a missing record is named") {
  Stand stand;
  stand.change([&](const RocksDatabase& database) {
    return database.db().Delete({}, database.events(), event_key(150));
  });
  const auto report = stand.verify();
  CHECK(report.findings.counts() == Kinds{{"missing", 1}});
  CHECK(report.findings.first().front().sequence == 150);
  CHECK(report.replayed < 150);
}

TEST_CASE("verify: a changed or missing tile is named") {
  for (const bool missing : {true, false}) {
    Stand stand;
    stand.change([&](const RocksDatabase& database) {
      const std::string zeros(tile_width * sizeof(Digest), '\0');
      return missing ? database.db().Delete({}, database.tiles(), tile_key(0, 0))
                     : database.db().Put({}, database.tiles(), tile_key(0, 0), zeros);
    });
    const auto report = stand.verify();
    CHECK(report.findings.counts().at("tile") == (missing ? 1 : 256));
    CHECK(report.findings.first().front().what.find("tile/0/000") != std::string::npos);
  }
}

TEST_CASE("verify: events that cannot follow are found, by class, and the rest goes on") {
  Stand stand;
  stand.append({DevicePinned{.id = DeviceId{99}, .release = ReleaseId{1}},
                DeviceTrackingFleet{.id = DeviceId{1}, .previous_pin = ReleaseId{7}},
                FleetActionEnded{.fleet = FleetId{1}, .n = Sequence{3}}});
  CHECK(stand.verify().findings.counts() ==
        Kinds{{"transition/unknown-entity", 2}, {"transition/wrong-before", 1}});
  stand.options.replay = false;
  CHECK(stand.verify().findings.empty());
}

TEST_CASE("verify: views that say something else than the log are found, row by row") {
  Stand stand;
  Stand other;
  fs::remove_all(stand.data() / "views");
  fs::copy(other.data() / "views", stand.data() / "views", fs::copy_options::recursive);
  const auto report = stand.verify();
  CHECK(report.findings.counts().size() == 1);
  CHECK(report.findings.counts().at("projection") >= 4);  // Their uuids and times are others.
}

TEST_CASE("verify: a log that does not continue what was verified before is a fork") {
  Stand stand;
  Stand other;
  CHECK(stand.verify().findings.empty());
  fs::remove_all(stand.data() / "log");
  fs::copy(other.data() / "log", stand.data() / "log", fs::copy_options::recursive);
  fs::remove(stand.data() / "checkpoint");
  stand.sign();
  const auto found = stand.verify().findings.counts();
  CHECK(found.contains("fork"));
}

TEST_CASE("verify: an export of a data folder is the log as it was signed, and sound") {
  Stand stand;
  const test::TemporaryFolder tiles;
  auto source = DataSource::open(stand.data());
  REQUIRE(source.has_value());
  const auto first = export_tiles(**source, tiles.path(), [](auto, auto) {});
  REQUIRE_MESSAGE(first.has_value(), first.error().message);
  CHECK(first->size == stand.size);
  CHECK(first->kept == 0);
  const auto second = export_tiles(**source, tiles.path(), [](auto, auto) {});
  REQUIRE(second.has_value());
  CHECK(second->kept == 2);  // The full tile and its bundle.
  FolderSource folder(tiles.path());
  const auto report = verify(folder, nullptr, stand.options, [](auto, auto) {});
  REQUIRE(report.has_value());
  CHECK(report->findings.empty());
  CHECK(report->replayed == stand.size);
}

TEST_CASE("verify: a checkpoint of more events than there can be is found, whoever signed it") {
  const test::TemporaryFolder folder;
  const NoteSigner signer = NoteSigner::generate("there/is/none");
  for (const std::uint64_t size : {~std::uint64_t{0}, std::uint64_t{1} << 53U}) {
    const Checkpoint checkpoint{.origin = signer.verifier().name(), .head = {.size = size}};
    std::ofstream(folder.path() / "checkpoint") << sign_note(to_text(checkpoint), signer);
    std::ofstream(folder.path() / "checkpoint.vkey") << signer.verifier().text() << "\n";
    FolderSource source(folder.path());
    const auto report = verify(source, nullptr, {.threads = 1}, [](auto, auto) {});
    REQUIRE(report.has_value());
    CHECK(report->findings.counts() == Kinds{{"checkpoint", 1}});
  }
}

TEST_CASE("verify: a kept checkpoint that is damaged is never taken for nothing") {
  Stand stand;
  CHECK(stand.verify().findings.empty());
  const auto file = kept_file(stand.kept.path(), stand.verify().checkpoint->origin);
  fs::resize_file(file, 10);
  auto source = DataSource::open(stand.data());
  REQUIRE(source.has_value());
  const auto report = verify(**source, source->get(), stand.options, [](auto, auto) {});
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().message.find(file.string()) != std::string::npos);
}

}  // namespace
}  // namespace muster::audit
