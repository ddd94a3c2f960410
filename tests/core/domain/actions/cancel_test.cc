#include <doctest/doctest.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

namespace {

CancelAction cancel(std::vector<ActionOn> devices) {
  return {.action = "01J", .devices = std::move(devices), .fleets = {}};
}

CancelAction cancel_all(FleetId fleet, Sequence n) {
  return {.action = "01J", .devices = {}, .fleets = {{fleet, n}}};
}

struct Cancelling : GivenActions {
  Sequence n = queued(ask(restart, {1}));
  std::string what = hash(n) + " device=1";
  CancelAction it = cancel({{DeviceId{1}, n}});
};

}  // namespace

TEST_CASE_FIXTURE(Cancelling, "cancel: never published, it is over at once") {
  CHECK(world.perform(it) == "ActionEnded " + what + " cancelled asked");
  CHECK(world.when(it) == "refused: action-over");
  CHECK(queue(1) == "-");
}

TEST_CASE_FIXTURE(Cancelling, "cancel: published, it is withdrawn until the device answers") {
  publish(1, n);
  CHECK(world.perform(it) == "ActionCancelRequested " + what + " asked");
  CHECK(world.when(it) == "nothing");
  CHECK(publish(1, n) == "nothing");
  CHECK(head(1) != "-");
  CHECK(ack(1, n, ActionState::cancelled) == "ActionEnded " + what + " cancelled asked");
}

TEST_CASE_FIXTURE(Cancelling, "cancel: the device did it all the same, and the truth counts") {
  publish(1, n);
  world.perform(it);
  CHECK(ack(1, n, ActionState::started).starts_with("ActionStarted"));
  CHECK(ack(1, n, ActionState::succeeded) == "ActionEnded " + what + " succeeded answered");
}

TEST_CASE_FIXTURE(Cancelling, "cancel: what has started is refused, and so is what nobody sees") {
  publish(1, n);
  ack(1, n, ActionState::started);
  CHECK(world.when(it) == "refused: action-started");
  CHECK(world.when(cancel({})) == "refused: unknown-action");
  CHECK(world.when(it, {.by = world.user("stranger")}) == "refused: unknown-action");
  const Actor observer = world.user("observer");
  world.member(thermo, observer, Role::observer);
  CHECK(world.when(it, {.by = observer}) == "refused: not-allowed");
}

TEST_CASE_FIXTURE(GivenActions, "cancel: of a bulk what can be cancelled is") {
  const Sequence n = queued(ask(restart, {1, 2, 3}));
  const Sequence n2 = next(n);
  const Sequence n3 = next(n2);
  through(1, n, {ActionState::succeeded});
  through(2, n2, {ActionState::started});
  CHECK(world.perform(cancel({{DeviceId{1}, n}, {DeviceId{2}, n2}, {DeviceId{3}, n3}})) ==
        "ActionEnded " + hash(n3) + " device=3 cancelled asked");
}

TEST_CASE_FIXTURE(GivenActions, "cancel: a fleet-wide action, for all or for one device") {
  const Sequence n = queued(ask_fleet(restart));
  publish(1, n);
  through(2, n, {ActionState::started});
  CHECK(world.when(cancel({{DeviceId{3}, n}})) ==
        "ActionEnded " + hash(n) + " device=3 fleet=1 cancelled asked");
  CHECK(world.perform(cancel_all(thermo, n)) ==
        "FleetActionEnded " + hash(n) + " fleet=1 cancelled asked devices=1; " +
            "ActionCancelRequested " + hash(n) + " device=1 fleet=1 asked");
  CHECK(queue(3) == "-");
  ack(1, n, ActionState::cancelled);
  ack(2, n, ActionState::succeeded);
  CHECK(wide(n) == nullptr);
  CHECK(world.when(cancel_all(thermo, n)) == "refused: action-over");
}

TEST_CASE_FIXTURE(GivenActions, "disabled user: what no device has got is cancelled") {
  const Actor worker = world.user("worker");
  world.member(thermo, worker, Role::fleet_operator);
  const Sequence own = queued(ask(restart, {1}), {.by = worker});
  const Sequence got = queued(ask(restart, {2}), {.by = worker});
  const Sequence shared = queued(ask(restart, {3}), {.by = worker});
  world.perform(ask(restart, {3}));
  const Sequence all = queued(ask_fleet(reboot), {.by = worker});
  through(2, got, {ActionState::delivered});
  CHECK(world.perform(SetUserEnabled{"worker", false}, {.by = world.root}) ==
        "UserDisabled 3; FleetActionEnded " + hash(all) +
            " fleet=1 cancelled user-disabled devices=3; ActionEnded " + hash(own) +
            " device=1 cancelled user-disabled");
  CHECK(head(2) == std::to_string(got.value()));
  CHECK(head(3) == std::to_string(shared.value()));
}
