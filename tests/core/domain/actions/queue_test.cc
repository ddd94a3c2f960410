#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

TEST_CASE_FIXTURE(GivenActions, "actions: queued for one device and for several, in order") {
  CHECK(world.when(ask(restart, {2})) == "ActionQueued device=2 restart");
  CHECK(world.when(ask(reboot, {2, 1})) ==
        "ActionQueued device=2 reboot; ActionQueued device=1 reboot");
  const Sequence first = queued(ask(restart, {1}));
  const Sequence then = queued(ask(reboot, {1}));
  CHECK(queue(1) == fmt::format("{} {}", first.value(), then.value()));
  CHECK(head(1) == fmt::format("{}", first.value()));
  CHECK(head(2) == "-");
}

TEST_CASE_FIXTURE(GivenActions, "actions: operators queue them, observers and strangers do not") {
  const Actor observer = world.user("observer");
  const Actor worker = world.user("worker");
  world.member(thermo, observer, Role::observer);
  world.member(thermo, worker, Role::fleet_operator);
  for (const ActionKind kind : {restart, purge, reboot, shutdown, blink}) {
    CAPTURE(to_string(kind));
    const How sure{.by = observer, .confirmed = true};
    CHECK(world.when(ask(kind, {1}), sure) == "refused: not-allowed");
    CHECK(world.when(ask_fleet(kind), sure) == "refused: not-allowed");
    CHECK(world.when(ask(kind, {1}), {.by = worker, .confirmed = true}) ==
          fmt::format("ActionQueued device=1 {}", to_string(kind)));
    CHECK(world.when(ask(kind, {1}), {.by = world.user("stranger"), .confirmed = true}) ==
          "refused: unknown-device");
  }
}

TEST_CASE_FIXTURE(GivenActions,
                  "actions: a shutdown is confirmed, and so is the purge of a fleet") {
  CHECK(world.when(ask(shutdown, {1})) == "refused: confirmation-needed");
  CHECK(world.when(ask_fleet(shutdown)) == "refused: confirmation-needed");
  CHECK(world.when(ask_fleet(purge)) == "refused: confirmation-needed");
  CHECK(world.when(ask(purge, {1})) == "ActionQueued device=1 purge");
  CHECK(world.when(ask_fleet(purge), {.confirmed = true}) ==
        "FleetActionQueued fleet=1 purge devices=3");
}

TEST_CASE_FIXTURE(GivenActions, "actions: fields that make no sense are refused") {
  const auto refused = [&](auto change) {
    QueueAction command = ask(restart, {1});
    change(command);
    return world.when(command) == "refused: invalid-field";
  };
  CHECK(refused([&](QueueAction& c) { c.order.deliver_by = world.now(); }));
  CHECK(refused([&](QueueAction& c) {
    c.order.deliver_by = world.now() + delivery_max + std::chrono::seconds{1};
  }));
  CHECK(refused([&](QueueAction& c) {
    c.order.deliver_by = world.now() + std::chrono::hours{1};
    c.online_only = true;
  }));
  CHECK(refused([](QueueAction& c) { c.order.execute_within_s = execution_s_max + 1; }));
  CHECK(refused([](QueueAction& c) { c.order.os_version = "2.98.33"; }));
  CHECK(world.when(update("", {1})) == "refused: invalid-field");
  CHECK(world.when(update("newest", {1})) == "refused: invalid-field");
}

TEST_CASE_FIXTURE(GivenActions, "actions: an agent that is too old is refused, named or skipped") {
  world.given(DeviceSoftwareChanged{DeviceId{2}, "2.98.33", OsVariant::production, "1.0.9"});
  for (const ActionKind kind : {purge, reboot, shutdown}) {
    CAPTURE(to_string(kind));
    const How sure{.confirmed = true};
    CHECK(world.when(ask(kind, {2}), sure) == "refused: not-applicable");
    CHECK(world.when(ask(kind, {1, 2}), sure) == "refused: not-applicable");
    QueueAction skipping = ask(kind, {1, 2});
    skipping.skip_inapplicable = true;
    CHECK(world.when(skipping, sure) == fmt::format("ActionQueued device=1 {}; ActionSkipped "
                                                    "agent-too-old 2",
                                                    to_string(kind)));
  }
  QueueAction nobody = ask(reboot, {2});
  nobody.skip_inapplicable = true;
  CHECK(world.when(nobody) == "refused: not-applicable");
  CHECK(world.when(ask(restart, {2})) == "ActionQueued device=2 restart");
  CHECK(world.when(ask(blink, {2})) == "ActionQueued device=2 blink");
  const auto refused = world.decision(ask(reboot, {1, 2}));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().candidates ==
        std::vector<std::string>{uuid_text(2) + ": its agent is 1.0.9; reboot needs 1.1.0"});
}

TEST_CASE_FIXTURE(GivenActions, "actions: what a device has not said yet blocks nothing") {
  const DeviceId fresh = world.device(thermo);
  CHECK(world.when(ask(reboot, {fresh.value()})) == "ActionQueued device=5 reboot");
  CHECK(world.when(update("2.99.0", {fresh.value()})) == "ActionQueued device=5 os-update 2.99.0");
}

TEST_CASE_FIXTURE(GivenActions,
                  "os-update: newer is queued, equal is nothing to do, older refused") {
  CHECK(world.when(update("2.99.0", {1})) == "ActionQueued device=1 os-update 2.99.0");
  CHECK(world.when(update("2.98.33", {1})) == "nothing");
  CHECK(world.when(update("2.98.32", {1})) == "refused: not-applicable");
  world.given(DeviceRegistered{.id = DeviceId{5},
                               .uuid = *parse_uuid(uuid_text(5)),
                               .fleet = thermo,
                               .device_type = DeviceTypeId{3}});
  CHECK(world.when(update("2.99.0", {5})) == "refused: not-applicable");
}

TEST_CASE_FIXTURE(GivenActions, "os-update: a newer request supersedes one that is queued") {
  const Sequence older = queued(update("2.99.0", {1}));
  const Sequence other = queued(ask(restart, {1}));
  CHECK(world.perform(update("3.0.0", {1})) ==
        fmt::format("ActionEnded {} device=1 superseded replaced; "
                    "ActionQueued device=1 os-update 3.0.0",
                    hash(older)));
  CHECK(queue(1) == fmt::format("{} {}", other.value(), world.head().value()));
  // What the device may have already runs its course.
  const Sequence now = world.head();
  through(1, other, {ActionState::succeeded});
  publish(1, now);
  CHECK(world.when(update("3.1.0", {1})) == "ActionQueued device=1 os-update 3.1.0");
}

TEST_CASE_FIXTURE(GivenActions, "coalescing: an action equal to the last one queued is that one") {
  const Sequence n = queued(ask(restart, {1}));
  CHECK(world.when(ask(restart, {1})) == "ActionMerged " + hash(n) + " device=1");
  QueueAction forced = ask(restart, {1});
  forced.order.force = true;
  CHECK(world.when(forced) == "ActionQueued device=1 restart force");
  queued(ask(reboot, {1}));
  CHECK(world.when(ask(restart, {1})) == "ActionQueued device=1 restart");
}

TEST_CASE_FIXTURE(GivenActions,
                  "coalescing: not with what the device may have, nor with a fleet's") {
  const Sequence n = queued(ask(restart, {1}));
  publish(1, n);
  CHECK(world.when(ask(restart, {1})) == "ActionQueued device=1 restart");
  queued(ask_fleet(restart));
  CHECK(world.when(ask(restart, {2})) == "ActionQueued device=2 restart");
}

TEST_CASE_FIXTURE(GivenActions, "coalescing: the later deadline wins, both requesters are kept") {
  const Actor worker = world.user("worker");
  world.member(thermo, worker, Role::fleet_operator);
  QueueAction soon = ask(restart, {1});
  soon.order.deliver_by = world.now() + std::chrono::hours{1};
  const Sequence n = queued(soon);
  world.perform(ask(restart, {1}), {.by = worker});
  const auto* action = find_action(world.state().open_actions().find_queue(DeviceId{1}), n);
  REQUIRE(action != nullptr);
  CHECK(*action->order.deliver_by > world.now() + std::chrono::hours{24} * 6);
  CHECK(action->requesters == std::vector{world.owner.user, worker.user});
  world.perform(soon);
  CHECK(*action->order.deliver_by > world.now() + std::chrono::hours{24} * 6);
}

TEST_CASE_FIXTURE(GivenActions, "online only: who is offline is refused or skipped") {
  QueueAction now = ask(restart, {1, 2});
  now.online_only = true;
  now.online = {DeviceId{1}};
  CHECK(world.when(now) == "refused: not-applicable");
  now.skip_inapplicable = true;
  CHECK(world.when(now) == "ActionQueued device=1 restart; ActionSkipped not-online 2");
  now.online = {DeviceId{1}, DeviceId{2}};
  const Sequence n = queued(now);
  const auto* action = find_action(world.state().open_actions().find_queue(DeviceId{1}), n);
  CHECK(*action->order.deliver_by <= world.now() + delivery_now);
}

TEST_CASE_FIXTURE(GivenActions, "actions: a queue has an end") {
  for (std::size_t i = 0; i < queue_size_max / 2; ++i) {
    queued(ask(restart, {1}));
    queued(ask(reboot, {1}));
  }
  CHECK(world.when(ask(restart, {1})) == "refused: queue-full");
  CHECK(world.when(ask(reboot, {1})).starts_with("ActionMerged"));
  CHECK(world.when(ask(restart, {2, 1})) == "refused: queue-full");
  CHECK(world.when(ask_fleet(restart)).starts_with("FleetActionQueued"));
}

TEST_CASE_FIXTURE(GivenActions, "actions: expected version and count hold, or refuse") {
  const std::uint64_t version = world.of(DeviceId{1}).version.value();
  CHECK(world.when(ask(restart, {1}), {.version = version + 1}) == "refused: stale-version");
  CHECK(world.when(ask(restart, {1, 2}), {.count = 3}) == "refused: count-mismatch");
  CHECK(world.when(ask_fleet(restart), {.count = 2}) == "refused: count-mismatch");
  CHECK(world.when(ask_fleet(restart), {.version = 1}) == "refused: stale-version");
  CHECK(world.when(ask(restart, {})) == "refused: empty-selection");
  world.fleet("empty");
  CHECK(world.when(ask_fleet(restart, "acme/empty")) == "refused: empty-selection");
  queued(ask(restart, {1}));
  CHECK(world.of(DeviceId{1}).version.value() == version);
}
