#include <doctest/doctest.h>

#include <set>

#include "core/domain/filter/filter.h"
#include "projections/grants/grants.h"
#include "projections/inventory/inventory.h"
#include "projections/reader.h"
#include "tests/projections/difference.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A history that grows step by step, with the views that follow it.
struct Followed {
  Followed() : log_of(history.events()), views(folder, log_of) { follow(); }

  void follow() {
    REQUIRE(views.runner.catch_up().has_value());
    CHECK(difference(*views.store, history.state()) == "");
  }

  /// One more command, after which the views are what the state is.
  void record(std::vector<Event> events) {
    const std::size_t before = history.events().size();
    history.record(std::move(events));
    log_of.append(std::span(history.events()).subspan(before));
    follow();
  }

  DeviceId device(std::uint8_t first, std::optional<DeviceId> previous = {}) {
    const DeviceId id = history.state().next_device();
    Uuid uuid;
    uuid.bytes[0] = first;
    DeviceRegistered registered{id, uuid, fleet, DeviceTypeId{1}, "lobby"};
    registered.previous = previous;
    record({registered});
    return id;
  }

  std::vector<DeviceId> selected(const std::string& text) {
    const auto filter = parse_filter(text);
    REQUIRE(filter.has_value());
    InventoryScope scope;
    for (const Fleet& row : history.state().fleets()) scope.fleets.push_back(row);
    return select_devices(Reader(*views.store), scope, &*filter, 100);
  }

  TemporaryFolder folder;
  History history;
  LogOf log_of;
  Views views;
  const FleetId fleet{1};
  const Timestamp noon{std::chrono::hours{500'000}};
};

using Ids = std::vector<DeviceId>;

}  // namespace

TEST_CASE_FIXTURE(Followed, "views: a deactivated device leaves its fleet's list and comes back") {
  const DeviceId one = device(1);
  const DeviceId two = device(2);
  record({ReleaseCreated{.id = ReleaseId{1}, .fleet = fleet, .commit = std::string(40, 'a')}});
  record({DevicePinned{.id = one, .release = ReleaseId{1}}});
  record({DeviceDeactivated{one, OrganisationId{1}}});
  CHECK(selected("lifecycle = deactivated") == Ids{one});
  CHECK(selected("lifecycle = active") == Ids{two});
  record({DeviceTrackingFleet{.id = one, .previous_pin = ReleaseId{1}}});
  record({DevicePinned{.id = one, .release = ReleaseId{1}}});
  record({DeviceReactivated{one}});
  CHECK(selected("lifecycle = active") == Ids{one, two});
}

TEST_CASE_FIXTURE(Followed, "views: a deleted device is in no list, and its keys are no good") {
  const DeviceId one = device(1);
  const DeviceId two = device(2);
  record({DeviceTypeChanged{two, DeviceTypeId{1}, DeviceTypeId{1}}});
  record({DeviceDeleted{.id = one}});
  CHECK(selected("lifecycle != orphaned") == Ids{two});
  CHECK(selected("lifecycle = deleted").empty());
  const Reader reader(*views.store);
  CHECK(reader.new_keys_of(one)->minimum == DeviceKeys::none_good);
}

TEST_CASE_FIXTURE(Followed, "views: a new life of a uuid has keys of its own, and only those") {
  const DeviceId one = device(1);
  record({DeviceDeleted{.id = one}});
  const DeviceId again = device(1, one);
  const Reader reader(*views.store);
  CHECK_FALSE(reader.new_keys_of(one).has_value());
  const auto keys = reader.new_keys_of(again);
  REQUIRE(keys.has_value());
  CHECK(keys->minimum == history.state().find(again)->key_generation);
  Uuid uuid;
  uuid.bytes[0] = 1;
  CHECK(reader.find_device(uuid)->id == again);
}

TEST_CASE_FIXTURE(Followed, "views: the devices of a deleted fleet are orphaned") {
  const DeviceId one = device(1);
  const DeviceId two = device(2);
  record({DeviceDeactivated{two, OrganisationId{1}}});
  record({FleetDeleted{fleet, 2}});
  CHECK(selected("lifecycle = orphaned") == Ids{one, two});
  CHECK(selected("lifecycle = active").empty());
  CHECK(selected("lifecycle = deactivated").empty());
  std::set<FleetId> revoked;
  const Reader reader(*views.store);
  reader.each_revoked_fleet([&](FleetId id) { return revoked.insert(id).second; });
  CHECK(revoked == std::set<FleetId>{fleet});
  CHECK_FALSE(reader.find_fleet(history.state().find(fleet)->slug).has_value());
}

TEST_CASE_FIXTURE(Followed, "views: a slug leads to who has it now, also after a new start") {
  const std::string slug = history.state().find(fleet)->slug;
  record({FleetRenamed{fleet, "other", "org/other", slug}});
  record({FleetCreated{FleetId{2}, {}, OrganisationId{1}, "name", slug, DeviceTypeId{1}}});
  CHECK(Reader(*views.store).find_fleet(slug)->id == FleetId{2});
  record({FleetDeleted{FleetId{2}, 0}});
  record({FleetCreated{FleetId{3}, {}, OrganisationId{1}, "name", slug, DeviceTypeId{1}}});
  CHECK(Reader(*views.store).find_fleet(slug)->id == FleetId{3});
}

TEST_CASE_FIXTURE(Followed, "views: grants are due in the order of their ends, until they ended") {
  const DeviceId one = device(1);
  const DeviceId two = device(2);
  record({DeviceSupportGranted{one, noon}});
  record({DeviceSupportGranted{two, noon + std::chrono::hours{1}}});
  record({FleetSupportGranted{fleet, noon}});
  const auto due = [&](Timestamp now, std::size_t limit = 9) {
    return due_grants(ViewSnapshot(*views.store), now, limit);
  };
  CHECK(due(noon - std::chrono::seconds{1}).empty());
  CHECK(due(noon).devices == Ids{one});
  CHECK(due(noon).fleets == std::vector<FleetId>{fleet});
  CHECK(due(noon + std::chrono::hours{1}, 1).devices == Ids{one});
  CHECK(granted_devices(ViewSnapshot(*views.store), noon) == Ids{two});
  record({DeviceSupportGranted{one, noon + std::chrono::hours{2}}});
  CHECK(due(noon).devices.empty());
  record({DeviceSupportEnded{one, GrantEnd::revoked}, DeviceDeleted{.id = two},
          FleetSupportEnded{fleet, GrantEnd::expired}});
  CHECK(due(noon + std::chrono::hours{9}).empty());
}
