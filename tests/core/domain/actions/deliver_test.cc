#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

namespace {

struct Delivery : GivenActions {
  Sequence n = queued(ask(restart, {1}));
  std::string what = hash(n) + " device=1";
};

}  // namespace

TEST_CASE_FIXTURE(Delivery,
                  "delivery: published, delivered, started, succeeded; the next is head") {
  const Sequence next_one = queued(ask(reboot, {1}));
  CHECK(publish(1, next_one) == "nothing");
  CHECK(publish(1, n) == "ActionPublished " + what + " attempt=1");
  CHECK(ack(1, n, ActionState::delivered) == "ActionDelivered " + what);
  CHECK(ack(1, n, ActionState::started, "b1") == "ActionStarted " + what + " boot=b1");
  CHECK(ack(1, n, ActionState::succeeded) == "ActionEnded " + what + " succeeded answered");
  CHECK(head(1) == fmt::format("{}", next_one.value()));
  CHECK(publish(1, next_one).starts_with("ActionPublished"));
}

TEST_CASE_FIXTURE(Delivery,
                  "delivery: what the device says twice, or in another order, counts once") {
  CHECK(ack(1, n, ActionState::succeeded) == "nothing");
  publish(1, n);
  ack(1, n, ActionState::started);
  CHECK(ack(1, n, ActionState::started) == "nothing");
  CHECK(ack(1, n, ActionState::delivered) == "nothing");
  ack(1, n, ActionState::failed);
  CHECK(ack(1, n, ActionState::succeeded) == "nothing");
  CHECK(ack(1, n, ActionState::failed) == "nothing");
}

TEST_CASE_FIXTURE(Delivery, "delivery: an ack with another id, or of another device, is not one") {
  publish(1, n);
  const AckAction foreign{.device = world.of(DeviceId{1}).uuid,
                          .n = n,
                          .id = command_after(Sequence{9'999}),
                          .state = ActionState::succeeded};
  CHECK(world.when(foreign, {.by = bridge}) == "nothing");
  CHECK(ack(2, n, ActionState::succeeded) == "nothing");
  CHECK(world.when(AckAction{.device = Uuid{}, .n = n}, {.by = bridge}) ==
        "refused: unknown-device");
}

TEST_CASE_FIXTURE(Delivery, "delivery: users publish nothing and answer for no device") {
  CHECK(world.when(PublishAction{DeviceId{1}, n}) == "refused: not-allowed");
  CHECK(world.when(AckAction{.device = world.of(DeviceId{1}).uuid, .n = n}) ==
        "refused: not-allowed");
  CHECK(world.when(NoteOffline{world.of(DeviceId{1}).uuid}) == "refused: not-allowed");
  CHECK(world.when(ExpireActions{}) == "refused: not-allowed");
}

TEST_CASE_FIXTURE(Delivery, "delivery: it is published again as long as the device is silent") {
  publish(1, n);
  CHECK(publish(1, n) == "ActionPublished " + what + " attempt=2");
  ack(1, n, ActionState::delivered);
  CHECK(publish(1, n) == "ActionPublished " + what + " attempt=3");
}

TEST_CASE_FIXTURE(Delivery, "delivery: the device's own words and code are kept, up to a length") {
  publish(1, n);
  AckAction locked{.device = world.of(DeviceId{1}).uuid,
                   .n = n,
                   .id = command_after(Sequence{n.value() - 1}),
                   .state = ActionState::rejected,
                   .code = 423,
                   .message = "locked"};
  CHECK(world.when(locked, {.by = bridge}) ==
        "ActionEnded " + what + " rejected 423 `locked` answered");
  locked.message = std::string(ack_message_size_max - 1, 'x') + "é";
  const auto decided = world.decision(locked, {.by = bridge});
  CHECK(std::get<ActionEnded>(decided->front()).message ==
        std::string(ack_message_size_max - 1, 'x'));
}

TEST_CASE_FIXTURE(GivenActions, "delivery: the agent's version is looked at again") {
  const DeviceId fresh = world.device(thermo);
  const Sequence n = queued(ask(reboot, {fresh.value()}));
  world.given(DeviceSoftwareChanged{fresh, "2.0.0", OsVariant::production, "1.0.0"});
  CHECK(publish(fresh.value(), n) ==
        "ActionEnded " + hash(n) +
            " device=5 rejected `its agent is 1.0.0; reboot needs 1.1.0` agent-too-old");
  const Sequence newer = queued(update("2.50.0", {fresh.value()}));
  world.given(DeviceSoftwareChanged{fresh, "2.50.0", OsVariant::production, "1.0.0"});
  CHECK(publish(fresh.value(), newer) ==
        "ActionEnded " + hash(newer) + " device=5 cancelled not-needed");
}

TEST_CASE_FIXTURE(GivenActions, "delivery: who asked must still be allowed to ask") {
  const Actor worker = world.user("worker");
  world.member(thermo, worker, Role::fleet_operator);
  const Sequence n = queued(ask(restart, {1}), {.by = worker});
  const Sequence sent = queued(ask(restart, {2}), {.by = worker});
  publish(2, sent);
  world.member(thermo, worker, Role::observer);
  CHECK(publish(1, n) == "ActionEnded " + hash(n) + " device=1 cancelled requester-not-allowed");
  CHECK(publish(2, sent) ==
        "ActionCancelRequested " + hash(sent) + " device=2 requester-not-allowed");
  const Sequence both = queued(ask(restart, {3}));
  world.member(thermo, worker, Role::fleet_operator);
  world.perform(ask(restart, {3}), {.by = worker});
  world.given(OrganisationMemberRemoved{world.acme, world.owner.user});
  CHECK(publish(3, both) == "ActionPublished " + hash(both) + " device=3 attempt=1");
}

TEST_CASE_FIXTURE(GivenActions, "shutdown: started and then offline is done") {
  const Sequence n = queued(ask(shutdown, {1}), {.confirmed = true});
  const Uuid uuid = world.of(DeviceId{1}).uuid;
  CHECK(world.when(NoteOffline{uuid}, {.by = bridge}) == "nothing");
  publish(1, n);
  CHECK(world.when(NoteOffline{uuid}, {.by = bridge}) == "nothing");
  ack(1, n, ActionState::started, "b1");
  CHECK(world.perform(NoteOffline{uuid}, {.by = bridge}) ==
        "ActionEnded " + hash(n) + " device=1 succeeded went-offline");
  CHECK(ack(1, n, ActionState::succeeded) == "nothing");
}

TEST_CASE_FIXTURE(GivenActions, "shutdown: what is behind it waits for another boot") {
  world.given(DeviceBooted{DeviceId{1}, "b1"});
  const Sequence n = queued(ask(shutdown, {1}), {.confirmed = true});
  const Sequence behind = queued(ask(restart, {1}));
  through(1, n, {ActionState::delivered, ActionState::started});
  ack(1, n, ActionState::succeeded);
  CHECK(queue(1) == fmt::format("{}", behind.value()));
  CHECK(head(1) == "-");
  CHECK(publish(1, behind) == "nothing");
  world.given(DeviceBooted{DeviceId{1}, "b2"});
  CHECK(head(1) == fmt::format("{}", behind.value()));
}

TEST_CASE_FIXTURE(Delivery, "delivery: a device that is not active gets nothing") {
  // What makes it so is not decided here.
  CHECK(publish(9, n) == "nothing");
}
