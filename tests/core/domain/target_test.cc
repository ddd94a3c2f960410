#include "core/domain/target.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// `seq` and `at` of a target: those of the last event that changed what this device is told.

namespace {

/// Device 1 follows the fleet's release 1; device 2 is pinned to the draft 2.
struct Targets {
  World world;
  FleetId fleet = world.fleet("thermo");
  ReleaseId first = world.release(fleet, {.commit = commit("a")});
  ReleaseId draft = world.release(fleet, {.commit = commit("b"), .revision = {}});
  DeviceId follower = world.device(fleet);
  DeviceId canary = world.device(fleet);

  Targets() {
    world.pinned(canary, draft);
    world.targets(fleet, first);
  }

  /// Does what is asked; true for the devices whose `seq` moved to the last event of it.
  struct Moved {
    bool follower;
    bool canary;
    friend bool operator==(const Moved&, const Moved&) = default;
  };
  Moved moved_by(CommandBody body, const How& how = {}) {
    const auto before = std::pair{seq(follower), seq(canary)};
    REQUIRE(world.perform(std::move(body), how).find("refused") == std::string::npos);
    const Moved moved{seq(follower) != before.first, seq(canary) != before.second};
    if (moved.follower) CHECK(world.target(follower).changed == Change{world.head(), world.now()});
    if (moved.canary) CHECK(world.target(canary).changed == Change{world.head(), world.now()});
    return moved;
  }
  [[nodiscard]] Sequence seq(DeviceId device) const {
    return world.target(device).changed.sequence;
  }
};

constexpr Targets::Moved nobody{false, false};
constexpr Targets::Moved only_follower{true, false};
constexpr Targets::Moved only_canary{false, true};

}  // namespace

TEST_CASE("target: pin, else the fleet's target, else none") {
  Fleet fleet;
  Device device;
  CHECK_FALSE(target_release(device, fleet).has_value());
  fleet.target = ReleaseId{1};
  CHECK(target_release(device, fleet) == ReleaseId{1});
  device.pin = ReleaseId{2};
  CHECK(target_release(device, fleet) == ReleaseId{2});
  fleet.target = std::nullopt;
  CHECK(target_release(device, fleet) == ReleaseId{2});
}

TEST_CASE_FIXTURE(Targets, "target seq: a device without a target has that of its joining") {
  const DeviceId lonely = world.device(world.fleet("second"));
  CHECK(world.target(lonely).release == nullptr);
  CHECK(seq(lonely) == world.head());
}

TEST_CASE_FIXTURE(Targets, "target seq: a device that joins later starts at its joining") {
  const DeviceId late = world.device(fleet);
  CHECK(world.target(late).release->id == first);
  CHECK(seq(late) == world.head());
}

TEST_CASE_FIXTURE(Targets, "target seq: a new target of the fleet reaches its followers only") {
  CHECK(moved_by(
            CreateRelease{"acme/thermo", commit("c"), {}, ReleaseStatus::success, false, {}, {}}) ==
        only_follower);
}

TEST_CASE_FIXTURE(Targets,
                  "target seq: a fleet pin to another release reaches its followers only") {
  world.release(fleet, {.commit = commit("c")});
  CHECK(moved_by(PinFleet{"acme/thermo", "id:3"}) == only_follower);
}

TEST_CASE_FIXTURE(Targets, "target seq: holding a fleet where it is raises nothing") {
  CHECK(moved_by(PinFleet{"acme/thermo", "id:1"}) == nobody);
  CHECK(moved_by(TrackLatest{"acme/thermo"}) == nobody);
}

TEST_CASE_FIXTURE(Targets, "target seq: a pin to the same release is told, the policy differs") {
  CHECK(moved_by(PinDevices{{uuid_text(1)}, "id:1"}) == only_follower);
  CHECK(moved_by(TrackFleet{{uuid_text(1)}}) == only_follower);
}

TEST_CASE_FIXTURE(Targets, "target seq: tracking again is newer than all the fleet did meanwhile") {
  world.release(fleet, {.commit = commit("c")});
  world.perform(PinFleet{"acme/thermo", "id:3"});
  CHECK(moved_by(TrackFleet{{uuid_text(2)}}) == only_canary);
  CHECK(world.target(canary).release->id == ReleaseId{3});
}

TEST_CASE_FIXTURE(Targets, "target seq: finalising a draft is told to those on it") {
  world.perform(PinFleet{"acme/thermo", "id:1"});
  CHECK(moved_by(FinalizeRelease{{"acme/thermo", "id:2"}}) == only_canary);
}

TEST_CASE_FIXTURE(Targets, "target seq: what devices are not told raises nothing") {
  CHECK(moved_by(RenameDevice{uuid_text(1), "Hall-7"}) == nobody);
  CHECK(moved_by(NoteDevice{uuid_text(1), "note"}) == nobody);
  CHECK(moved_by(TagDevice{uuid_text(2), {{"a", "b"}}, {}}) == nobody);
  CHECK(moved_by(SetFleetMember{"acme/thermo", "root", Role::observer}) == nobody);
  CHECK(moved_by(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "bad"}) == nobody);
  CHECK(moved_by(ValidateRelease{{"acme/thermo", "id:1"}}) == nobody);
  CHECK(moved_by(CreateRelease{
            "acme/thermo", commit("c"), {}, ReleaseStatus::success, true, {}, {}}) == nobody);
  CHECK(moved_by(DeleteRelease{{"acme/thermo", "id:3"}}) == nobody);
  CHECK(moved_by(ReportDevice{.device = world.of(follower).uuid, .running_commit = commit("a")},
                 {.by = Actor{}}) == nobody);
}
