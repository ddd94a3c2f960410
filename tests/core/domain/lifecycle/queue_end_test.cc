#include <doctest/doctest.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

// What becomes of actions when something becomes of devices and fleets.

namespace {

constexpr How confirmed{.by = {}, .reason = {}, .version = {}, .count = {}, .confirmed = true};

struct QueueEnds : GivenActions {
  QueueEnds() { world.given(OrganisationBillingSet{world.acme, true}); }

  [[nodiscard]] static DeactivateDevices deactivate(std::uint32_t device) {
    return {{uuid_text(device)}, {}, {DeviceId{device}}};
  }
};

}  // namespace

TEST_CASE_FIXTURE(QueueEnds, "queue end: deactivation cancels what waits, of the fleet too") {
  const Sequence own = queued(ask(reboot, {1}));
  const Sequence wide = queued(ask_fleet(restart));
  CHECK(world.perform(deactivate(1)) ==
        "ActionEnded " + hash(own) + " device=1 cancelled deactivated; ActionEnded " + hash(wide) +
            " device=1 fleet=1 cancelled deactivated; DeviceDeactivated 1 org=1");
  CHECK(queue(1) == "-");
  CHECK(world.when(ask(reboot, {1})) == "refused: device-not-active");
}

TEST_CASE_FIXTURE(QueueEnds, "queue end: who comes back gets nothing that was asked meanwhile") {
  world.perform(deactivate(1));
  queued(ask_fleet(restart));
  ReportDevice birth{.device = world.of(DeviceId{1}).uuid};
  birth.born = true;
  world.perform(birth, {.by = bridge});
  CHECK(queue(1) == "-");
  CHECK(queue(2) != "-");
  const Sequence later = queued(ask_fleet(blink));
  CHECK(queue(1) == std::to_string(later.value()));
}

TEST_CASE_FIXTURE(QueueEnds,
                  "queue end: a deleted device's queue is cancelled, what started runs on") {
  const Sequence first = queued(ask(reboot, {1}));
  const Sequence second_one = queued(ask(restart, {1}));
  through(1, first, {ActionState::delivered, ActionState::started});
  CHECK(world.perform(DeleteDevices{{uuid_text(1)}, {}}, confirmed) ==
        "ActionEnded " + hash(second_one) + " device=1 cancelled deleted; DeviceDeleted 1 was=-");
}

TEST_CASE_FIXTURE(QueueEnds, "queue end: with a fleet all that its devices have to do goes") {
  const Sequence own = queued(ask(reboot, {1}));
  const Sequence wide = queued(ask_fleet(restart));
  const Sequence other = queued(ask(reboot, {4}));
  const How sure{.count = 3, .confirmed = true};
  CHECK(world.perform(DeleteFleet{"acme/thermo"}, sure) ==
        "FleetActionEnded " + hash(wide) + " fleet=1 cancelled orphaned devices=3; ActionEnded " +
            hash(own) + " device=1 cancelled orphaned; FleetDeleted 1 devices=3");
  CHECK(queue(4) == std::to_string(other.value()));
  CHECK(world.when(ask(reboot, {1})) == "refused: device-orphaned");
}

TEST_CASE_FIXTURE(QueueEnds,
                  "queue end: another device type cancels a host OS update, nothing else") {
  const Sequence boots = queued(ask(reboot, {1}));
  const Sequence updates = queued(update("2.99.0", {1}));
  CHECK(world.perform(ChangeDeviceType{{uuid_text(1)}, {}, "pi4-lite"}) ==
        "DeviceTypeChanged 1 to=2 was=1; ActionEnded " + hash(updates) +
            " device=1 cancelled type-changed");
  CHECK(queue(1) == std::to_string(boots.value()));
}

TEST_CASE_FIXTURE(QueueEnds, "queue end: a transfer keeps the queue, and vouches for it") {
  const Actor other = world.user("other");
  world.given(OrganisationCreated{OrganisationId{2}, "zeta", "Zeta", other.user});
  world.given(FleetCreated{FleetId{3},
                           {},
                           OrganisationId{2},
                           "thermo",
                           "zeta/thermo",
                           DeviceTypeId{1},
                           FleetType::essentials});
  world.member(FleetId{3}, world.owner, Role::developer);
  const Sequence before = queued(ask(reboot, {1}));
  world.perform(TransferFleet{"acme/thermo", "zeta"});
  CHECK(queue(1) == std::to_string(before.value()));
  CHECK(publish(1, before) == "ActionPublished " + hash(before) + " device=1 attempt=1");
}

TEST_CASE_FIXTURE(QueueEnds, "queue end: support's actions are delivered while access is granted") {
  const Actor helper = world.user("helper", static_cast<std::uint8_t>(InstanceRole::support));
  const auto grant = [&](int seconds) {
    world.perform(
        GrantDeviceSupport{{uuid_text(1)}, {}, world.now() + std::chrono::seconds{seconds}});
  };
  grant(20);
  const Sequence first = queued(ask(reboot, {1}), {.by = helper});
  const Sequence second_one = queued(ask(restart, {1}), {.by = helper});
  CHECK(publish(1, first).starts_with("ActionPublished"));
  through(1, first, {ActionState::delivered, ActionState::started, ActionState::succeeded});
  for (int i = 0; i < 30; ++i) world.given(ClockAccepted{});
  CHECK(publish(1, second_one).find("requester-not-allowed") != std::string::npos);
}

TEST_CASE_FIXTURE(QueueEnds,
                  "queue end: a move keeps settings, and ends the device's own support") {
  world.perform(SetFleetPublicUrls{"acme/thermo", true});
  world.perform(GrantDeviceSupport{{uuid_text(1)}, {}, world.now() + std::chrono::hours{1}});
  world.perform(SetFleetPublicUrls{"acme/second", true});
  world.perform(SetFleetPublicUrls{"acme/second", false});
  world.perform(MoveDevices{.devices = {uuid_text(1)}, .fleet = "acme/second"});
  CHECK(world.target(DeviceId{1}).settings.public_url);
  CHECK_FALSE(world.target(DeviceId{1}).settings.support_until.has_value());
  CHECK(world.of(thermo).public_urls == 2);
  CHECK(world.of(second).public_urls == 1);
}
