#include "core/domain/check/transition.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/domain/evolve.h"
#include "tests/support/domain_world.h"

// That nothing decided is ever a finding is checked by World, in every test of decisions.

namespace muster {
namespace {

using test::World;

/// What is said of `event` after what is given; empty: nothing.
std::string fault_of(const World& world, Event event, EventMeta meta = {}) {
  meta.at = std::max(meta.at, world.now());
  const Recorded recorded{
      .sequence = next(world.head()), .meta = std::move(meta), .event = std::move(event)};
  TransitionCheck check;
  const auto found = check.next(world.state(), recorded);
  return found ? std::string(to_string(found->fault)) : std::string();
}

struct Given : World {
  Given()
      : home(fleet("home")),
        other(fleet("other")),
        good(release(home, {.commit = test::commit("a1")})),
        running(release(home, {.commit = test::commit("a2"), .status = ReleaseStatus::running})),
        foreign(release(other, {.commit = test::commit("a3")})),
        plain(device(home)),
        pinned_one(device(home)) {
    pinned(pinned_one, good);
  }

  FleetId home;
  FleetId other;
  ReleaseId good;
  ReleaseId running;
  ReleaseId foreign;
  DeviceId plain;
  DeviceId pinned_one;
};

TEST_CASE("transition: an event that cannot follow is found, by class") {
  const Given world;
  const DeviceId nobody{99};
  const FleetId nowhere{99};
  struct Row {
    Event event;
    std::string fault;
  };
  const std::vector<Row> rows{
      {LogCreated{}, "not-possible"},
      {ClockAccepted{.last_event = world.now(), .wall = {}}, "not-possible"},
      {UserCreated{.id = UserId{9}, .username = "new"}, "id-not-next"},
      {UserCreated{.id = world.state().next_user(), .username = "owner"}, "name-taken"},
      {UserCreated{.id = world.state().next_user(), .username = "[erased]"}, ""},
      {UserEnabled{.id = UserId{1}}, "not-possible"},
      {UserDisabled{.id = UserId{9}}, "unknown-entity"},
      {TokenIssued{.id = TokenId{1}, .user = UserId{1}}, "id-not-next"},
      {FleetCreated{.id = world.state().next_fleet(),
                    .organisation = world.acme,
                    .slug = "acme/home",
                    .device_type = DeviceTypeId{1}},
       "name-taken"},
      {FleetPinned{.fleet = nowhere, .release = world.good}, "unknown-entity"},
      {FleetPinned{.fleet = world.home, .release = world.foreign}, "not-possible"},
      {FleetPinned{.fleet = world.home, .release = world.running}, "not-possible"},
      {FleetPinned{.fleet = world.home, .release = world.good}, ""},
      {FleetTargetChanged{.fleet = world.home, .from = world.running, .to = world.good},
       "wrong-before"},
      {FleetTargetChanged{.fleet = world.home, .from = {}, .to = world.good}, ""},
      {FleetRenamed{
           .fleet = world.home, .name = "x", .slug = "acme/x", .previous_slug = "acme/other"},
       "wrong-before"},
      {FleetDeleted{.fleet = world.home, .devices = 1}, "wrong-before"},
      {FleetDeleted{.fleet = world.home, .devices = 2}, ""},
      {ReleaseFinished{.id = world.good}, "not-possible"},
      {ReleaseFinished{.id = world.running}, ""},
      {ReleaseDeleted{.id = world.good}, "not-possible"},
      {ReleaseValidated{.id = world.good}, "not-possible"},
      {DeviceRegistered{.id = world.state().next_device(),
                        .uuid = *parse_uuid(test::uuid_text(world.plain)),
                        .fleet = world.home,
                        .device_type = DeviceTypeId{1},
                        .previous = world.plain},
       "name-taken"},
      {DevicePinned{.id = nobody, .release = world.good}, "unknown-entity"},
      {DevicePinned{.id = world.plain, .release = world.foreign}, "not-possible"},
      {DevicePinned{.id = world.pinned_one, .release = world.good}, "wrong-before"},
      {DevicePinned{.id = world.plain, .release = world.good}, ""},
      {DeviceTrackingFleet{.id = world.plain, .previous_pin = world.good}, "wrong-before"},
      {DeviceMoved{.id = world.plain, .from = world.other, .to = world.home}, "wrong-before"},
      {DeviceMoved{.id = world.plain, .from = world.home, .to = nowhere}, "unknown-entity"},
      {DeviceReactivated{.id = world.plain}, "not-possible"},
      {DeviceKeyRotated{.id = world.plain, .previous = Sequence{1}}, "wrong-before"},
      {ActionEnded{.device = world.plain, .n = Sequence{5}}, "unknown-entity"},
      {ActionPublished{.device = world.plain, .n = Sequence{5}}, "unknown-entity"},
      {ActionSkipped{.fleet = world.home, .devices = {world.plain}}, "unknown-entity"},
      {FleetActionEnded{.fleet = world.home, .n = Sequence{5}}, "unknown-entity"}};
  for (const Row& row : rows) {
    CAPTURE(name_of(row.event));
    CHECK(fault_of(world, row.event) == row.fault);
  }
}

TEST_CASE("transition: who asks must be there and able to") {
  Given world;
  const DevicePinned pin{.id = world.plain, .release = world.good};
  CHECK(fault_of(world, pin, {.actor = world.owner}).empty());
  CHECK(fault_of(world, pin, {.actor = {UserId{9}, TokenId{1}}}) == "not-the-actors");
  CHECK(fault_of(world, pin, {.actor = {UserId{1}, TokenId{2}}}) == "not-the-actors");
  world.given(TokenRevoked{.id = world.owner.token});
  CHECK(fault_of(world, pin, {.actor = world.owner}) == "not-the-actors");
}

TEST_CASE("transition: a command is whole, in order, and not before its causes") {
  Given world;
  TransitionCheck check;
  State state = world.state();
  Recorded recorded{.sequence = next(world.head()),
                    .meta = {.at = world.now(), .count = 2},
                    .event = DeviceRenamed{.id = world.plain, .name = "first"}};
  CHECK_FALSE(check.next(state, recorded).has_value());
  REQUIRE(check.end().has_value());
  CHECK(check.end()->fault == TransitionFault::torn_command);
  const TransitionCheck half = check;

  recorded.sequence = next(recorded.sequence);
  CHECK(check.next(state, recorded)->fault == TransitionFault::torn_command);

  check = half;
  recorded.meta.index = 1;
  CHECK_FALSE(check.next(state, recorded).has_value());
  CHECK_FALSE(check.end().has_value());

  recorded.meta = {.at = world.now() - std::chrono::seconds{1}};
  CHECK(check.next(state, recorded)->fault == TransitionFault::time_goes_back);
  recorded.meta = {.at = world.now(), .causes = {recorded.sequence}};
  CHECK(check.next(state, recorded)->fault == TransitionFault::wrong_cause);
}

}  // namespace
}  // namespace muster
