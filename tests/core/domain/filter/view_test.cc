#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

CreateView create(std::string name, std::string shared_with = {}) {
  return {.name = std::move(name), .filter = "online", .shared_with = std::move(shared_with)};
}

}  // namespace

TEST_CASE("views: a user names a filter, for itself or for a fleet's members") {
  World world;
  world.fleet("thermo");
  CHECK(world.perform(create("awake")) == "SavedViewCreated 1 awake owner=2 fleet=- filter=online");
  CHECK(world.perform(create("awake-too", "acme/thermo")) ==
        "SavedViewCreated 2 awake-too owner=2 fleet=1 filter=online");
}

TEST_CASE("views: name and filter must be right, and the fleet one to operate") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  const Actor ada = world.user("ada");
  CHECK(world.when(create("abc")) == "refused: invalid-name");
  CHECK(world.when(CreateView{.name = "awake", .filter = "onlin", .shared_with = {}}) ==
        "refused: invalid-filter");
  CHECK(world.when(create("awake", "acme/none")) == "refused: unknown-fleet");
  CHECK(world.when(create("awake", "acme/thermo"), {.by = ada}) == "refused: unknown-fleet");
  world.member(fleet, ada, Role::observer);
  CHECK(world.when(create("awake", "acme/thermo"), {.by = ada}) == "refused: not-allowed");
  world.member(fleet, ada, Role::fleet_operator);
  CHECK(world.when(create("awake", "acme/thermo"), {.by = ada}).starts_with("SavedViewCreated"));
}

TEST_CASE("views: a name is free again once its view is removed, and others may use it too") {
  World world;
  const Actor ada = world.user("ada");
  world.perform(create("awake"));
  CHECK(world.when(create("awake")) == "refused: view-name-taken");
  CHECK(world.when(create("awake"), {.by = ada}).starts_with("SavedViewCreated"));
  CHECK(world.perform(RemoveView{"awake"}) == "SavedViewRemoved 1");
  CHECK(world.when(RemoveView{"awake"}) == "refused: unknown-view");
  CHECK(world.when(RemoveView{"id:1"}) == "refused: unknown-view");
  CHECK(world.when(create("awake")).starts_with("SavedViewCreated 2"));
}

TEST_CASE("views: only the owner and the fleet's administrators remove one") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  const Actor ada = world.user("ada");
  const Actor bob = world.user("bob");
  world.member(fleet, ada, Role::fleet_operator);
  REQUIRE(world.perform(create("shared", "acme/thermo"), {.by = ada}) != "nothing");
  REQUIRE(world.perform(create("private"), {.by = ada}) != "nothing");
  CHECK(world.when(RemoveView{"shared"}, {.by = bob}) == "refused: unknown-view");
  world.member(fleet, bob, Role::developer);
  CHECK(world.when(RemoveView{"shared"}, {.by = bob}) == "refused: not-allowed");
  CHECK(world.when(RemoveView{"private"}) == "refused: unknown-view");
  CHECK(world.when(RemoveView{"shared"}) == "SavedViewRemoved 1");  // By the organisation's.
  CHECK(world.when(RemoveView{"shared"}, {.by = ada, .version = 1}) == "refused: stale-version");
  CHECK(world.when(RemoveView{"private"}, {.by = ada}) == "SavedViewRemoved 2");
}

TEST_CASE("views: the own one of a name comes first; of several of others the id decides") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  const Actor ada = world.user("ada");
  const Actor bob = world.user("bob");
  for (const Actor& user : {ada, bob}) {
    world.member(fleet, user, Role::fleet_operator);
    REQUIRE(world.perform(create("shared", "acme/thermo"), {.by = user}) != "nothing");
  }
  CHECK(world.when(RemoveView{"shared"}, {.by = bob}) == "SavedViewRemoved 2");
  const auto refused = world.decision(RemoveView{"shared"});
  REQUIRE_FALSE(refused.has_value());
  CHECK(code_of(refused.error().code) == "ambiguous-view");
  CHECK(refused.error().candidates == std::vector<std::string>{"id:1", "id:2"});
  CHECK(world.when(RemoveView{"id:1"}) == "SavedViewRemoved 1");
}

TEST_CASE("selections: each device a filter selected is checked anew") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  world.release(fleet, {.commit = commit("abcdef1")});
  world.device(fleet);
  world.device(fleet);
  world.device(world.fleet("other"));
  const Actor ada = world.user("ada");
  const auto pin = [](std::vector<DeviceId> ids) {
    return PinDevices{.devices = {},
                      .release = "id:1",
                      .selected = SelectedDevices{.ids = std::move(ids), .as_of = Sequence{1}}};
  };
  const DeviceId first{1};
  const DeviceId second{2};
  CHECK(world.when(pin({first, second, first}), {.count = 2}) ==
        "DevicePinned 1 release=1 was=-; DevicePinned 2 release=1 was=-");
  CHECK(world.when(pin({first, second}), {.count = 3}) == "refused: count-mismatch");
  CHECK(world.when(pin({})) == "refused: empty-selection");
  CHECK(world.when(pin({DeviceId{9}})) == "refused: unknown-device");
  CHECK(world.when(pin({first, DeviceId{3}})) == "refused: several-fleets");
  CHECK(world.when(pin({first}), {.by = ada}) == "refused: unknown-device");
  world.member(fleet, ada, Role::observer);
  CHECK(world.when(pin({first}), {.by = ada}) == "refused: not-allowed");
  CHECK(world.when(pin(std::vector<DeviceId>(selection_size_max + 1, first))) ==
        "refused: selection-too-large");
  CHECK(world.when(TrackFleet{
            .devices = {}, .selected = SelectedDevices{.ids = {first}, .as_of = {}}}) == "nothing");
}
