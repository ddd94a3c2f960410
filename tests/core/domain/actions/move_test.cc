#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/core/domain/actions/given_actions.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

using enum ActionKind;

namespace {

MoveDevices move(std::vector<std::uint32_t> devices, const std::string& fleet = "second",
                 std::string pin = {}) {
  MoveDevices command{.devices = {}, .fleet = "acme/" + fleet, .pin = std::move(pin)};
  for (const std::uint32_t device : devices) command.devices.push_back(uuid_text(device));
  return command;
}

struct Moving : GivenActions {
  ReleaseId old_release = world.release(thermo, {.commit = commit("aaaaaaaa")});
  ReleaseId new_release = world.release(second, {.commit = commit("bbbbbbbb")});

  Moving() {
    world.targets(thermo, old_release);
    world.targets(second, new_release);
    world.given(DeviceRunningChanged{DeviceId{1}, commit("aaaaaaaa")});
  }

  Sequence moved(std::uint32_t device, const std::string& fleet = "second") {
    world.perform(move({device}, fleet));
    return world.head();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Moving, "move: another fleet, its target, and a purge before it") {
  CHECK(world.perform(move({1})) ==
        "DeviceMoved 1 1 -> 2 pin=- was=- data-of=1; ActionQueued device=1 purge by-move");
  const Sequence n = world.head();
  CHECK(world.of(DeviceId{1}).fleet == second);
  CHECK(world.target(DeviceId{1}).release->id == new_release);
  CHECK(world.target(DeviceId{1}).after_action == n);
  CHECK(world.target(DeviceId{1}).changed.sequence == n);
  CHECK(world.of(thermo).devices == 2);
  CHECK(world.of(second).devices == 2);
  through(1, n, {ActionState::delivered, ActionState::started});
  CHECK(ack(1, n, ActionState::succeeded) ==
        "ActionEnded " + hash(n) + " device=1 succeeded answered releases-target");
  CHECK(world.target(DeviceId{1}).after_action == Sequence{});
  CHECK(world.target(DeviceId{1}).changed.sequence == world.head());
}

TEST_CASE_FIXTURE(Moving, "move: the pin is dropped, or one of the new fleet given") {
  world.pinned(DeviceId{1}, old_release);
  CHECK(world.when(move({1}, "second", "bbbbbbb")).starts_with("DeviceMoved 1 1 -> 2 pin=2 was=1"));
  CHECK(world.when(move({1}, "second", "id:1")) == "refused: release-of-other-fleet");
  CHECK(world.when(move({1}, "second", "ccccccc")) == "refused: unknown-release");
  world.perform(move({1}, "second", "bbbbbbb"));
  CHECK(world.of(old_release).pinned_devices == 0);
  CHECK(world.of(new_release).pinned_devices == 1);
  CHECK(world.of(thermo).pinned_devices == 0);
  CHECK(world.of(second).pinned_devices == 1);
}

TEST_CASE_FIXTURE(Moving, "move: name, note and tags stay") {
  world.given(DeviceTagged{DeviceId{1}, {{"site", "a"}}, {}});
  world.given(DeviceNoted{DeviceId{1}, "note"});
  moved(1);
  CHECK(world.of(DeviceId{1}).tags.size() == 1);
  CHECK(world.of(DeviceId{1}).note == "note");
  CHECK(world.of(DeviceId{1}).name == "device-1");
}

TEST_CASE_FIXTURE(Moving, "move: an older host OS keeps the old data, an unknown one is purged") {
  world.given(DeviceSoftwareChanged{DeviceId{1}, "2.11.9", OsVariant::production, "1.14.0"});
  CHECK(world.when(move({1})) == "DeviceMoved 1 1 -> 2 pin=- was=- data-of=-");
  const DeviceId fresh = world.device(thermo);
  CHECK(world.perform(move({fresh.value()})).ends_with("ActionQueued device=5 purge by-move"));
  const Sequence n = world.head();
  world.given(DeviceSoftwareChanged{fresh, "2.11.9", OsVariant::production, "1.0.0"});
  CHECK(publish(5, n) ==
        "ActionEnded " + hash(n) + " device=5 cancelled not-needed releases-target");
  CHECK(world.target(fresh).after_action == Sequence{});
}

TEST_CASE_FIXTURE(Moving,
                  "move: the purge asks for no agent, waits for ever, cannot be cancelled") {
  world.given(DeviceSoftwareChanged{DeviceId{1}, "2.98.33", OsVariant::production, "1.0.0"});
  const Sequence n = moved(1);
  world.passes(std::chrono::hours{24} * 1'000);
  CHECK(expire(1, n) == "nothing");
  CHECK(world.when(CancelAction{.action = "01J", .devices = {{DeviceId{1}, n}}, .fleets = {}}) ==
        "refused: purge-of-move");
  CHECK(publish(1, n).starts_with("ActionPublished"));
}

TEST_CASE_FIXTURE(Moving, "move: back before the new target was reported, nothing is purged") {
  const Sequence n = moved(1);
  CHECK(world.perform(move({1}, "thermo")) ==
        "ActionEnded " + hash(n) +
            " device=1 cancelled moved; DeviceMoved 1 2 -> 1 pin=- was=- data-of=-");
  CHECK(world.target(DeviceId{1}).after_action == Sequence{});
  CHECK(queue(1) == "-");
}

TEST_CASE_FIXTURE(Moving, "move: back after the new target was reported, it is purged again") {
  const Sequence n = moved(1);
  through(1, n, {ActionState::started, ActionState::succeeded});
  world.given(DeviceRunningChanged{DeviceId{1}, commit("bbbbbbbb")});
  CHECK(world.when(move({1}, "thermo")) ==
        "DeviceMoved 1 2 -> 1 pin=- was=- data-of=2; ActionQueued device=1 purge by-move");
}

TEST_CASE_FIXTURE(Moving, "move: on to a third fleet, the data of the first is what is purged") {
  world.fleet("third");
  moved(1);
  CHECK(world.perform(move({1}, "third"))
            .ends_with("DeviceMoved 1 2 -> 3 pin=- was=- data-of=1; "
                       "ActionQueued device=1 purge by-move"));
  CHECK(world.when(move({1}, "second")).ends_with("ActionQueued device=1 purge by-move"));
  CHECK(world.when(move({1}, "thermo")).ends_with("data-of=-"));
}

TEST_CASE_FIXTURE(Moving, "move: the queue is cancelled, what started runs on and its ack counts") {
  const Sequence running = queued(ask(restart, {1}));
  const Sequence own = queued(ask(reboot, {1}));
  const Sequence all = queued(ask_fleet(blink));
  through(1, running, {ActionState::started});
  CHECK(world.perform(move({1})) ==
        "ActionEnded " + hash(own) + " device=1 cancelled moved; ActionEnded " + hash(all) +
            " device=1 fleet=1 cancelled moved; DeviceMoved 1 1 -> 2 pin=- was=- data-of=1; "
            "ActionQueued device=1 purge by-move");
  const Sequence purge_n = world.head();
  CHECK(queue(1) == fmt::format("{} {}", running.value(), purge_n.value()));
  CHECK(wide(all)->counts == ActionCounts{.devices = 3, .ended = 1});
  CHECK(publish(1, purge_n) == "nothing");
  CHECK(ack(1, running, ActionState::succeeded).starts_with("ActionEnded"));
  CHECK(publish(1, purge_n).starts_with("ActionPublished"));
}

TEST_CASE_FIXTURE(Moving, "move: what the device may have is withdrawn, also fleet-wide") {
  const Sequence all = queued(ask_fleet(restart));
  publish(1, all);
  CHECK(world.perform(move({1})).starts_with("ActionCancelRequested " + hash(all) +
                                             " device=1 fleet=1 moved; DeviceMoved"));
  CHECK(ack(1, all, ActionState::cancelled) ==
        "ActionEnded " + hash(all) + " device=1 fleet=1 cancelled moved");
  CHECK(wide(all)->counts == ActionCounts{.devices = 3, .ended = 1});
}

TEST_CASE_FIXTURE(Moving, "move: both fleets are the mover's to operate") {
  const Actor worker = world.user("worker");
  world.member(thermo, worker, Role::fleet_operator);
  CHECK(world.when(move({1}), {.by = worker}) == "refused: unknown-fleet");
  world.member(second, worker, Role::observer);
  CHECK(world.when(move({1}), {.by = worker}) == "refused: not-allowed");
  world.member(second, worker, Role::fleet_operator);
  CHECK(world.when(move({1}), {.by = worker}).starts_with("DeviceMoved"));
  world.member(thermo, worker, Role::observer);
  CHECK(world.when(move({1}), {.by = worker}) == "refused: not-allowed");
}

TEST_CASE_FIXTURE(Moving, "move: the architecture must be one that the device can run") {
  const auto type = [&](std::uint32_t id, const std::string& architecture) {
    world.given(DeviceTypeAdded{DeviceTypeId{id}, architecture, architecture, architecture, true});
    const FleetId fleet = world.state().next_fleet();
    world.given(FleetCreated{.id = fleet,
                             .uuid = {},
                             .organisation = world.acme,
                             .name = architecture,
                             .slug = "acme/" + architecture,
                             .device_type = DeviceTypeId{id}});
  };
  type(4, "armv7hf");
  type(5, "rpi");
  type(6, "amd64");
  CHECK(world.when(move({1}, "armv7hf")).starts_with("DeviceMoved"));
  CHECK(world.when(move({1}, "rpi")).starts_with("DeviceMoved"));
  CHECK(world.when(move({1}, "amd64")) == "refused: incompatible-architecture");
  world.given(DeviceRegistered{.id = DeviceId{5},
                               .uuid = *parse_uuid(uuid_text(5)),
                               .fleet = FleetId{3},
                               .device_type = DeviceTypeId{4}});
  CHECK(world.when(move({5}, "rpi")).starts_with("DeviceMoved"));
  CHECK(world.when(move({5}, "thermo")) == "refused: incompatible-architecture");
}

TEST_CASE_FIXTURE(Moving, "move: a fleet type may ask for a newer host OS") {
  world.given(DeviceSoftwareChanged{DeviceId{1}, "2.10.9", OsVariant::production, "1.14.0"});
  CHECK(world.when(move({1})) == "refused: os-too-old");
}

TEST_CASE_FIXTURE(Moving, "move: to where it is, one is refused, of several passed over") {
  CHECK(world.when(move({1}, "thermo")) == "refused: already-in-fleet");
  CHECK(world.when(move({1, 4})).starts_with("DeviceMoved 1"));
  CHECK(world.when(move({1, 2}, "thermo")) == "nothing");
  CHECK(world.when(move({1, 9})) == "refused: unknown-device");
  CHECK(world.when(move({1}), {.version = 1}) == "refused: stale-version");
  CHECK(world.when(move({1, 2}), {.count = 3}) == "refused: count-mismatch");
}
