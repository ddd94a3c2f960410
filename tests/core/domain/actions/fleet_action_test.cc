#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

TEST_CASE_FIXTURE(GivenActions, "fleet action: one event, and each device's queue has it") {
  const Sequence own = queued(ask(reboot, {1}));
  CHECK(world.perform(ask_fleet(restart)) == "FleetActionQueued fleet=1 restart devices=3");
  const Sequence n = world.head();
  const Sequence later = queued(ask(blink, {1}));
  CHECK(queue(1) == fmt::format("{} {} {}", own.value(), n.value(), later.value()));
  CHECK(queue(2) == fmt::format("{}", n.value()));
  CHECK(queue(4) == "-");
}

TEST_CASE_FIXTURE(GivenActions, "fleet action: who joins later is not included") {
  const Sequence n = queued(ask_fleet(restart));
  const DeviceId fresh = world.device(thermo);
  world.perform(MoveDevices{.devices = {uuid_text(4)}, .fleet = "acme/thermo", .pin = {}});
  CHECK(queue(fresh.value()) == "-");
  CHECK(queue(4) == fmt::format("{}", world.head().value()));  // The purge of its move.
  CHECK(queue(1) == fmt::format("{}", n.value()));
}

TEST_CASE_FIXTURE(GivenActions, "fleet action: it is over for all when it is over for each") {
  const Sequence n = queued(ask_fleet(restart));
  through(1, n, {ActionState::succeeded});
  through(2, n, {ActionState::failed});
  CHECK(wide(n)->counts == ActionCounts{.devices = 3, .succeeded = 1, .failed = 1, .ended = 2});
  CHECK(queue(1) == "-");
  CHECK(publish(1, n) == "nothing");
  through(3, n, {ActionState::rejected});
  CHECK(wide(n) == nullptr);
  CHECK(queue(1) == "-");
}

TEST_CASE_FIXTURE(GivenActions, "fleet action: whom it does not fit is skipped, with the reason") {
  world.given(DeviceSoftwareChanged{DeviceId{2}, "2.98.33", OsVariant::production, "1.0.9"});
  CHECK(world.perform(ask_fleet(reboot)) ==
        "FleetActionQueued fleet=1 reboot devices=3; ActionSkipped fleet=1 agent-too-old 2");
  const Sequence n{world.head().value() - 1};
  CHECK(queue(2) == "-");
  CHECK(queue(1) == fmt::format("{}", n.value()));
  CHECK(wide(n)->counts == ActionCounts{.devices = 3, .skipped = 1, .ended = 1});
  QueueAction newer = update("2.98.34", {});
  newer.fleet = "acme/thermo";
  world.given(DeviceSoftwareChanged{DeviceId{1}, "2.98.34", OsVariant::production, "1.14.0"});
  world.given(DeviceSoftwareChanged{DeviceId{3}, "2.98.35", OsVariant::production, "1.14.0"});
  CHECK(world.perform(newer) ==
        "FleetActionQueued fleet=1 os-update 2.98.34 devices=3; "
        "ActionSkipped fleet=1 not-needed 1; ActionSkipped fleet=1 os-is-newer 3");
}

TEST_CASE_FIXTURE(GivenActions,
                  "fleet action: coalesces while it touched nobody and nobody joined") {
  const Sequence n = queued(ask_fleet(restart));
  CHECK(world.when(ask_fleet(restart)) == "ActionMerged " + hash(n) + " fleet=1");
  CHECK(world.when(ask_fleet(blink)) == "FleetActionQueued fleet=1 blink devices=3");
  world.device(thermo);
  CHECK(world.when(ask_fleet(restart)) == "FleetActionQueued fleet=1 restart devices=4");
  const Sequence again = queued(ask_fleet(restart));
  publish(1, n);
  through(1, n, {ActionState::succeeded});
  publish(1, again);
  CHECK(world.when(ask_fleet(restart)) == "FleetActionQueued fleet=1 restart devices=4");
}

TEST_CASE_FIXTURE(GivenActions,
                  "fleet action: a newer os-update takes the place of the older one") {
  QueueAction older = update("2.99.0", {});
  older.fleet = "acme/thermo";
  QueueAction newer = older;
  newer.order.os_version = "3.0.0";
  const Sequence n = queued(older);
  publish(1, n);
  CHECK(world.perform(newer) == "FleetActionEnded " + hash(n) +
                                    " fleet=1 superseded replaced devices=2; "
                                    "FleetActionQueued fleet=1 os-update 3.0.0 devices=3");
  CHECK(queue(1) == fmt::format("{} {}", n.value(), world.head().value()));
  CHECK(queue(2) == fmt::format("{}", world.head().value()));
}

TEST_CASE_FIXTURE(GivenActions, "careful: only so many devices of a fleet at a time") {
  QueueAction command = ask_fleet(restart);
  command.order.max_parallel = 1;
  const Sequence n = queued(command);
  CHECK(publish(1, n).starts_with("ActionPublished"));
  CHECK(publish(2, n) == "nothing");
  CHECK(publish(1, n).starts_with("ActionPublished"));
  ack(1, n, ActionState::succeeded);
  CHECK(publish(2, n).starts_with("ActionPublished"));
}

TEST_CASE_FIXTURE(GivenActions, "careful: no more devices of a fleet after so many failures") {
  QueueAction command = ask_fleet(restart);
  command.order.stop_after_failures = 1;
  const Sequence n = queued(command);
  publish(1, n);
  publish(2, n);
  CHECK(ack(1, n, ActionState::failed) ==
        "ActionEnded " + hash(n) + " device=1 fleet=1 failed answered; FleetActionEnded " +
            hash(n) + " fleet=1 cancelled stopped-after-failures devices=1");
  CHECK(ack(2, n, ActionState::failed) ==
        "ActionEnded " + hash(n) + " device=2 fleet=1 failed answered");
  CHECK(wide(n) == nullptr);
}

TEST_CASE_FIXTURE(GivenActions, "careful: a selection likewise") {
  QueueAction command = ask(restart, {1, 2, 3});
  command.order.max_parallel = 2;
  command.order.stop_after_failures = 2;
  const Sequence n = queued(command);
  const Sequence n2 = next(n);
  const Sequence n3 = next(n2);
  publish(1, n);
  publish(2, n2);
  CHECK(publish(3, n3) == "nothing");
  CHECK(ack(1, n, ActionState::failed) == "ActionEnded " + hash(n) + " device=1 failed answered");
  CHECK(ack(2, n2, ActionState::rejected) ==
        "ActionEnded " + hash(n2) + " device=2 rejected answered; ActionEnded " + hash(n3) +
            " device=3 cancelled stopped-after-failures");
  CHECK(world.state().open_actions().find_group(n)->open.empty());
}
