#include "projections/view_store.h"

#include <doctest/doctest.h>

#include <fstream>
#include <map>

#include "tests/support/temporary_folder.h"

using namespace muster;  // NOLINT(google-build-using-namespace)
using muster::test::TemporaryFolder;

namespace {

namespace fs = std::filesystem;

const Uuid log_a = parse_uuid("0123456789abcdef0123456789abcdef").value();
const Uuid log_b = parse_uuid("fedcba9876543210fedcba9876543210").value();

std::unique_ptr<ViewStore> opened(const fs::path& folder, const Uuid& log = log_a) {
  auto store = ViewStore::open(folder, log);
  REQUIRE_MESSAGE(store.has_value(), store.error().message);
  return std::move(*store);
}

void commit(ViewStore& store, std::string_view view, Sequence position,
            const std::map<std::string, std::string>& rows) {
  std::vector<std::unique_ptr<StoreBatch>> batches;
  batches.push_back(std::make_unique<StoreBatch>(store, view));
  for (const auto& [key, value] : rows) batches.back()->put(key, value);
  batches.back()->reach(position);
  store.commit(batches);
}

/// A store with a view at position 5 that has one row.
std::unique_ptr<ViewStore> with_a_row(const fs::path& folder) {
  auto store = opened(folder);
  REQUIRE(store->prepare("things", 1).value() == Sequence{0});
  commit(*store, "things", Sequence{5}, {{"key", "value"}});
  return store;
}

std::string keys(const ViewSnapshot& snapshot, const ViewSnapshot::Range& range) {
  std::string all;
  snapshot.scan("things", range, [&](std::string_view key, std::string_view) {
    all.append(key).append(" ");
    return true;
  });
  return all;
}

void write_file(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("view store: rows and position are there after a restart") {
  const TemporaryFolder folder;
  with_a_row(folder.path() / "views").reset();
  const auto store = opened(folder.path() / "views");
  CHECK(store->prepare("things", 1).value() == Sequence{5});
  CHECK(store->position("things") == Sequence{5});
  CHECK(store->get("things", "key") == "value");
  CHECK_FALSE(store->get("things", "other").has_value());
}

TEST_CASE("view store: what was committed is there after a kill") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path() / "live");
  // What a process that ends now leaves behind.
  fs::copy(folder.path() / "live", folder.path() / "left", fs::copy_options::recursive);
  const auto left = opened(folder.path() / "left");
  CHECK(left->position("things") == Sequence{5});
  CHECK(left->get("things", "key") == "value");
}

TEST_CASE("view store: rows of another version are gone, those of other views are not") {
  const TemporaryFolder folder;
  auto store = with_a_row(folder.path());
  REQUIRE(store->prepare("others", 1).has_value());
  commit(*store, "others", Sequence{5}, {{"key", "other"}});
  store.reset();
  for (const std::uint32_t version : {2U, 1U}) {
    store = opened(folder.path());
    CHECK(store->prepare("things", version).value() == Sequence{0});
    CHECK(store->prepare("others", 1).value() == Sequence{5});
    CHECK_FALSE(store->get("things", "key").has_value());
    CHECK(store->get("others", "key") == "other");
    commit(*store, "things", Sequence{3}, {{"key", "again"}});
    store.reset();
  }
  CHECK(opened(folder.path())->get("things", "key") == "again");
}

TEST_CASE("view store: views of another log are thrown away") {
  const TemporaryFolder folder;
  with_a_row(folder.path()).reset();
  const auto store = opened(folder.path(), log_b);
  CHECK(store->position("things") == Sequence{0});
  CHECK_FALSE(store->get("things", "key").has_value());
}

TEST_CASE("view store: damaged views are thrown away") {
  const TemporaryFolder folder;
  auto store = with_a_row(folder.path());
  const fs::path database = folder.path() / "db";
  SUBCASE("a database that cannot be opened") {
    store.reset();
    write_file(database / "CURRENT", "MANIFEST-999999\n");
  }
  SUBCASE("a database half deleted") {
    store.reset();
    fs::remove(database / "CURRENT");
  }
  SUBCASE("rows that were found to make no sense") {
    store->mark_damaged();
    store.reset();
  }
  store = opened(folder.path());
  CHECK(store->position("things") == Sequence{0});
  store.reset();
  with_a_row(folder.path()).reset();
  CHECK(opened(folder.path())->get("things", "key") == "value");
}

TEST_CASE("view store: views in use are refused and stay") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path());
  const auto second = ViewStore::open(folder.path(), log_b);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::in_use);
  CHECK(store->get("things", "key") == "value");
}

TEST_CASE("view store: a folder with something else in it is refused and stays") {
  const TemporaryFolder folder;
  write_file(folder.path() / "thesis.txt", "years of work");
  const auto store = ViewStore::open(folder.path(), log_a);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().code == ErrorCode::invalid_input);
  CHECK(fs::file_size(folder.path() / "thesis.txt") == 13);
  CHECK(std::distance(fs::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("view store: a file in the place of the folder is an error") {
  const TemporaryFolder folder;
  write_file(folder.path() / "views", "");
  const auto store = ViewStore::open(folder.path() / "views", log_a);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().code == ErrorCode::failed);
}

TEST_CASE("view batch: it reads back what was written to it, before and after the commit") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path());
  std::vector<std::unique_ptr<StoreBatch>> batches;
  batches.push_back(std::make_unique<StoreBatch>(*store, "things"));
  StoreBatch& batch = *batches.back();
  CHECK(batch.get("key") == "value");
  batch.erase("key");
  batch.put("new", "1");
  batch.put("new", "2");
  CHECK_FALSE(batch.get("key").has_value());
  CHECK(batch.get("new") == "2");
  CHECK(store->get("things", "key") == "value");
  batch.reach(Sequence{6});
  store->commit(batches);
  CHECK_FALSE(store->get("things", "key").has_value());
  CHECK(store->get("things", "new") == "2");
  CHECK(store->position("things") == Sequence{6});
}

TEST_CASE("view snapshot: scans keep to their prefix and start where they are told") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path());
  commit(*store, "things", Sequence{6}, {{"a", ""}, {"b1", ""}, {"b2", ""}, {"b3", ""}, {"c", ""}});
  const ViewSnapshot snapshot(*store);
  CHECK(keys(snapshot, {.prefix = "b"}) == "b1 b2 b3 ");
  CHECK(keys(snapshot, {.prefix = "b", .from = "b2"}) == "b2 b3 ");
  CHECK(keys(snapshot, {.prefix = "b", .from = "a"}) == "b1 b2 b3 ");
  CHECK(keys(snapshot, {.prefix = "d"}).empty());
}

TEST_CASE("view snapshot: it stays as it was, over all views") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path());
  REQUIRE(store->prepare("others", 1).has_value());
  const ViewSnapshot before(*store);
  commit(*store, "things", Sequence{6}, {{"key", "newer"}});
  commit(*store, "others", Sequence{6}, {{"key", "newer"}});
  CHECK(before.position("things") == Sequence{5});
  CHECK(before.get("things", "key") == "value");
  CHECK_FALSE(before.get("others", "key").has_value());
  CHECK(ViewSnapshot(*store).get("others", "key") == "newer");
}

TEST_CASE("view snapshot: many keys are read at once, as of its moment and in their order") {
  const TemporaryFolder folder;
  const auto store = with_a_row(folder.path());
  commit(*store, "things", Sequence{6}, {{"a", "1"}, {"b", ""}});
  const ViewSnapshot snapshot(*store);
  commit(*store, "things", Sequence{7}, {{"a", "2"}, {"c", "3"}});
  const std::vector<std::string> wanted{"b", "c", "a", "key", "a"};
  const auto found = snapshot.get_all("things", wanted);
  REQUIRE(found.size() == wanted.size());
  CHECK(found[0] == "");
  CHECK_FALSE(found[1].has_value());
  CHECK(found[2] == "1");
  CHECK(found[3] == "value");
  CHECK(found[4] == "1");
  CHECK(snapshot.get_all("things", {}).empty());
  CHECK_FALSE(snapshot.get_all("nothing", wanted)[0].has_value());
}
