#include "projections/inventory/inventory.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "projections/inventory/inventory_view.h"
#include "tests/projections/inventory/fleet_history.h"
#include "tests/projections/inventory/naive_filter.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// All keys and values of the inventory, for comparing.
std::vector<std::pair<std::string, std::string>> stored(const ViewStore& store) {
  std::vector<std::pair<std::string, std::string>> rows;
  const ViewSnapshot snapshot(store);
  snapshot.scan(inventory_view, {}, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return true;
  });
  return rows;
}

std::vector<std::uint64_t> choices_of(std::uint64_t seed, std::size_t count) {
  std::vector<std::uint64_t> choices;
  for (std::size_t i = 0; i < count; ++i) choices.push_back(seed + i * 7'919);
  return choices;
}

/// The ids of all pages, `limit` at a time.
std::vector<DeviceId> all_pages(const Reader& reader, const InventoryScope& scope,
                                InventoryRequest request) {
  std::vector<DeviceId> ids;
  while (true) {
    const InventoryPage page = list_devices(reader, scope, request);
    for (const InventoryMark& mark : page.devices) ids.push_back(mark.id);
    if (!page.more) return ids;
    REQUIRE(page.devices.size() == request.limit);
    request.after = page.devices.back();
  }
}

/// A few devices in one fleet, by name.
struct Named {
  explicit Named(const std::vector<std::string>& names) : log_of({}), views(folder, log_of) {
    for (const std::string& name : names) add(name);
    REQUIRE(views.runner.catch_up().has_value());
    scope.fleets = {*history.state().find(FleetId{1})};
  }

  void add(const std::string& name) {
    const std::size_t before = history.events().size();
    const DeviceId id = history.state().next_device();
    Uuid uuid;
    uuid.bytes[0] = static_cast<std::uint8_t>(200 - id.value());
    history.record({DeviceRegistered{id, uuid, FleetId{1}, DeviceTypeId{1}, name}});
    if (log_of.log.head() == Sequence{}) return log_of.append(history.events());
    log_of.append(std::span(history.events()).subspan(before));
  }
  void catch_up() { REQUIRE(views.runner.catch_up().has_value()); }

  std::string page(InventoryRequest request) {
    const Reader reader(*views.store);
    const InventoryPage page = list_devices(reader, scope, request);
    std::string text;
    for (const InventoryMark& mark : page.devices) text += std::to_string(mark.id.value()) + " ";
    last = page.devices.empty() ? std::nullopt : std::optional(page.devices.back());
    return text + (page.more ? "more" : "end");
  }

  TemporaryFolder folder;
  History history;
  LogOf log_of;
  Views views;
  InventoryScope scope;
  std::optional<InventoryMark> last;
};

}  // namespace

TEST_CASE("inventory: a filter selects what a look at each device selects") {
  const auto check = [](const std::vector<std::uint64_t>& choices) {
    const FleetHistory given(choices);
    const State& state = given.history.state();
    const TemporaryFolder folder;
    LogOf log_of(given.history.events());
    Views views(folder, log_of);
    RC_ASSERT(views.runner.catch_up().has_value());
    const Reader reader(*views.store);
    const NaiveFilter naive(state, given.scope, given.changed);
    for (int i = 0; i < 40; ++i) {
      const Filter filter = any_fleet_filter(state, 3);
      RC_LOG() << to_string(filter) << "\n";
      const auto wanted = naive.select(filter);
      const auto found = select_devices(reader, given.scope, &filter, 10'000);
      RC_ASSERT((found == wanted));
    }
  };
  CHECK(rc::check("evaluation", [&] {
    check(choices_of(*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::inRange<std::size_t>(0, 400)));
  }));
}

TEST_CASE("inventory: a restart, and a rebuild from nothing, store the same rows") {
  const FleetHistory given(choices_of(11, 3'000));
  const auto batches = given.history.batches(97);
  REQUIRE(given.history.state().devices().size() > devices_per_chunk);
  const TemporaryFolder folder;
  LogOf log_of({});
  for (const auto& batch : batches) {
    log_of.append(*batch);
    Views views(folder, log_of);
    REQUIRE(views.runner.catch_up().has_value());
  }
  const TemporaryFolder fresh;
  Views again(folder, log_of);
  Views rebuilt(fresh, log_of);
  REQUIRE(again.runner.catch_up().has_value());
  REQUIRE(rebuilt.runner.catch_up().has_value());
  CHECK(stored(*again.store) == stored(*rebuilt.store));
  CHECK(again.store->position(inventory_view) == given.history.events().back().sequence);
}

TEST_CASE("inventory: pages of any size and order have every device once, in order") {
  const FleetHistory given(choices_of(5, 400));
  const TemporaryFolder folder;
  LogOf log_of(given.history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const Reader reader(*views.store);
  const State& state = given.history.state();
  const auto filter = parse_filter("fleet = acme/f1 or policy = tracking").value();
  auto wanted = select_devices(reader, given.scope, &filter, 10'000);
  REQUIRE(wanted.size() > 50);
  for (const auto sort : {InventorySort::created, InventorySort::name, InventorySort::uuid}) {
    std::ranges::sort(wanted, {}, [&](DeviceId id) {
      const Device& device = *state.find(id);
      return std::tuple(sort == InventorySort::name ? device.name : "",
                        sort == InventorySort::uuid ? device.uuid : Uuid{}, id);
    });
    for (const std::size_t limit : {1, 7, 1'000}) {
      InventoryRequest request{.filter = &filter, .sort = sort, .limit = limit};
      CHECK(all_pages(reader, given.scope, request) == wanted);
      CHECK(list_devices(reader, given.scope, request).total == wanted.size());
      request.descending = true;
      const std::vector<DeviceId> falling(wanted.rbegin(), wanted.rend());
      CHECK(all_pages(reader, given.scope, request) == falling);
    }
  }
}

TEST_CASE("inventory: devices that come, or change their name, shift no other between pages") {
  Named given({"bee", "cat", "dog", "eel"});
  InventoryRequest request{.sort = InventorySort::name, .limit = 2};
  CHECK(given.page(request) == "1 2 more");
  request.after = given.last;
  given.add("ant");
  given.add("cow");
  given.history.record({DeviceRenamed{DeviceId{1}, "fox"}});
  given.log_of.append(std::span(given.history.events()).last(1));
  given.catch_up();
  CHECK(given.page(request) == "6 3 more");  // cow, dog
  request.after = given.last;
  CHECK(given.page(request) == "4 1 end");  // eel, fox
  CHECK(given.page({.sort = InventorySort::uuid, .limit = 3}) == "6 5 4 more");
  CHECK(given.page({.descending = true, .limit = 10}) == "6 5 4 3 2 1 end");
}

TEST_CASE("inventory: releases are named by commit, its beginning, id or version, in each fleet") {
  Named given({"one1", "two2", "three"});
  const auto release = [&](std::uint32_t id, const char* commit, const char* semver,
                           std::optional<std::uint32_t> revision) {
    given.history.record({ReleaseCreated{ReleaseId{id}, FleetId{1}, commit, semver, revision,
                                         ReleaseStatus::success, "", ""}});
  };
  release(1, "aaaaaaa11111", "1.0.0", 0);
  release(2, "aaaaaaa22222", "1.0.0", 1);
  release(3, "bbbbbbb33333", "2.0.0", std::nullopt);
  for (std::uint32_t id = 1; id <= 3; ++id) {
    given.history.record({DevicePinned{DeviceId{id}, ReleaseId{id}, std::nullopt}});
    given.history.record({DeviceRunningChanged{DeviceId{id}, "aaaaaaa11111"}});
  }
  given.log_of.append(std::span(given.history.events()).last(9));
  given.catch_up();
  const auto page = [&](std::string_view text) {
    const auto filter = parse_filter(text).value();
    return given.page({.filter = &filter});
  };
  CHECK(page("pinned-to = aaaaaaa11111") == "1 end");
  CHECK(page("pinned-to = aaaaaaa") == "1 2 end");
  CHECK(page("pinned-to = aaaaaa") == "end");
  CHECK(page("pinned-to = id:3") == "3 end");
  CHECK(page("pinned-to = 3") == "3 end");
  CHECK(page("pinned-to = 1.0.0") == "1 2 end");
  CHECK(page("pinned-to = 1.0.0+rev1") == "2 end");
  CHECK(page("target = 2.0.0") == "3 end");
  CHECK(page("running = 1.0.0+rev0") == "1 2 3 end");
  CHECK(page("running = aaaaaaa1") == "1 2 3 end");
  CHECK(page("running = 2.0.0") == "end");
}
