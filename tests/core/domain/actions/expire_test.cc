#include <doctest/doctest.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

namespace {

constexpr std::chrono::minutes execution{15};

struct Clocks : GivenActions {
  Sequence n = queued(ask(restart, {1}));
  std::string what = hash(n) + " device=1";
};

}  // namespace

TEST_CASE_FIXTURE(Clocks, "clocks: not delivered in time, it expires; never before") {
  world.passes(delivery_default - std::chrono::minutes{1});
  CHECK(expire(1, n) == "nothing");
  world.passes(std::chrono::minutes{1});
  CHECK(expire(1, n) == "ActionEnded " + what + " expired not-delivered");
  CHECK(expire(1, n) == "nothing");
}

TEST_CASE_FIXTURE(Clocks, "clocks: delivery ends the first clock and starts the second") {
  publish(1, n);
  ack(1, n, ActionState::delivered);
  world.passes(execution - std::chrono::minutes{1});
  CHECK(expire(1, n) == "nothing");
  world.passes(std::chrono::minutes{1});
  CHECK(expire(1, n) == "ActionEnded " + what + " expired not-started");
}

TEST_CASE_FIXTURE(Clocks, "clocks: started and no result is a failure") {
  publish(1, n);
  ack(1, n, ActionState::started);
  world.passes(execution);
  CHECK(expire(1, n) == "ActionEnded " + what + " failed no-result");
}

TEST_CASE_FIXTURE(Clocks, "clocks: a late truth is told and changes nothing") {
  publish(1, n);
  ack(1, n, ActionState::started);
  const Ulid id = world.state().open_actions().find_queue(DeviceId{1})->open.front().id;
  world.passes(execution);
  expire(1, n);
  const AckAction late{
      .device = world.of(DeviceId{1}).uuid, .n = n, .id = id, .state = ActionState::succeeded};
  AckAction other = late;
  other.id = Ulid{};
  CHECK(world.when(other, {.by = bridge}) == "nothing");
  other = late;
  other.state = ActionState::started;
  CHECK(world.when(other, {.by = bridge}) == "nothing");
  CHECK(world.perform(late, {.by = bridge}) == "ActionLateResult " + what + " succeeded");
  CHECK(world.perform(late, {.by = bridge}) == "nothing");
  CHECK(queue(1) == "-");
}

TEST_CASE_FIXTURE(Clocks, "clocks: an action that is too late is not published but ended") {
  world.passes(delivery_default);
  CHECK(publish(1, n) == "ActionEnded " + what + " expired not-delivered");
}

TEST_CASE_FIXTURE(Clocks, "clocks: what was to be withdrawn is, when the clock runs out") {
  publish(1, n);
  world.perform(CancelAction{.action = "it", .devices = {{DeviceId{1}, n}}, .fleets = {}});
  world.passes(delivery_default);
  CHECK(expire(1, n) == "ActionEnded " + what + " cancelled asked");
}

TEST_CASE_FIXTURE(GivenActions, "clocks: times that were asked for count instead") {
  QueueAction command = ask(restart, {1});
  command.order.deliver_by = world.now() + std::chrono::hours{1};
  command.order.execute_within_s = 60;
  const Sequence n = queued(command);
  publish(1, n);
  ack(1, n, ActionState::delivered);
  world.passes(std::chrono::minutes{1});
  CHECK(expire(1, n).ends_with("expired not-started"));
  const Sequence os = queued(update("3.0.0", {1}));
  publish(1, os);
  ack(1, os, ActionState::delivered);
  world.passes(std::chrono::minutes{119});
  CHECK(expire(1, os) == "nothing");
  world.passes(std::chrono::minutes{1});
  CHECK(expire(1, os).ends_with("expired not-started"));
}

TEST_CASE_FIXTURE(GivenActions, "clocks: a fleet-wide action ends for those it did not reach") {
  const Sequence n = queued(ask_fleet(restart));
  publish(1, n);
  through(2, n, {ActionState::started});
  const ExpireActions all{.devices = {{DeviceId{1}, n}}, .fleets = {{thermo, n}}};
  CHECK(world.when(all, {.by = bridge}) == "nothing");
  world.passes(delivery_default);
  CHECK(world.perform(all, {.by = bridge}) ==
        "ActionEnded " + hash(n) + " device=1 fleet=1 expired not-delivered; FleetActionEnded " +
            hash(n) + " fleet=1 expired not-delivered devices=1");
  CHECK(queue(3) == "-");
  CHECK(wide(n)->counts == ActionCounts{.devices = 3, .in_flight = 1, .failed = 2, .ended = 2});
  CHECK(ack(2, n, ActionState::succeeded).starts_with("ActionEnded"));
  CHECK(wide(n) == nullptr);
}
