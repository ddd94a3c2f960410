#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A fleet that tracks release 2; release 3 is a draft, 4 is still built.
struct PinnedFleet {
  World world;
  FleetId fleet = world.fleet("thermo");
  ReleaseId old = world.release(fleet, {.commit = commit("a")});
  ReleaseId current = world.release(fleet, {.commit = commit("b"), .revision = 1});
  ReleaseId draft = world.release(fleet, {.commit = commit("d"), .revision = {}});
  ReleaseId built = world.release(fleet, {.commit = commit("c"), .status = ReleaseStatus::running});

  PinnedFleet() { world.targets(fleet, current); }
};

const TrackLatest track{"acme/thermo"};

PinFleet pin(const std::string& release) { return PinFleet{"acme/thermo", release}; }

}  // namespace

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: the target moves, for devices without their own pin") {
  const DeviceId follower = world.device(fleet);
  const DeviceId canary = world.device(fleet);
  world.device(fleet);
  world.pinned(canary, current);
  CHECK(world.perform(pin("id:1")) ==
        "FleetPinned 1 release=1 following=2 pinned=1; "
        "FleetTargetChanged 1 from=2 to=1 fleet-pinned");
  CHECK(world.target(follower).release->id == old);
  CHECK_FALSE(world.target(follower).pinned);
  CHECK(world.target(canary).release->id == current);
  CHECK(world.target(canary).pinned);
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: to what it tracks already, it holds it there") {
  CHECK(world.when(pin("id:2")) == "FleetPinned 1 release=2 following=0 pinned=0");
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: pinned there already, nothing happens") {
  world.pinned(fleet, old);
  CHECK(world.when(pin("id:1")) == "nothing");
  CHECK(world.when(pin(commit("a"))) == "nothing");
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: a release that becomes eligible deploys to nobody") {
  world.pinned(fleet, old);
  CHECK(world.perform(FinishRelease{{"acme/thermo", "id:4"}, ReleaseStatus::success, {}}) ==
        "ReleaseFinished 4 success");
  CHECK(world.perform(FinalizeRelease{{"acme/thermo", "id:3"}}) == "ReleaseFinalized 3 rev=2");
  CHECK(world.perform(CreateRelease{
            "acme/thermo", commit("e"), "1.0.0", ReleaseStatus::success, false, {}, {}}) ==
        "ReleaseCreated 5 fleet=1 " + commit("e") + " 1.0.0 rev=3 success");
  CHECK(world.of(fleet).target == old);
  CHECK(world.when(track) ==
        "FleetTrackingLatest 1 following=0 pinned=0; "
        "FleetTargetChanged 1 from=1 to=5 fleet-tracking-latest");
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: invalidation leaves the pin alone") {
  world.pinned(fleet, old);
  CHECK(world.perform(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "bad"}) ==
        "ReleaseInvalidated 1 bad");
  CHECK(world.perform(ValidateRelease{{"acme/thermo", "id:1"}}) == "ReleaseValidated 1");
  CHECK(world.of(fleet).target == old);
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: a draft needs a confirmation") {
  CHECK(world.when(pin("id:3")) == "refused: confirmation-needed");
  CHECK(world.perform(pin("id:3"), {.confirmed = true}) ==
        "FleetPinned 1 release=3 following=0 pinned=0; "
        "FleetTargetChanged 1 from=2 to=3 fleet-pinned");
  CHECK(world.when(pin("id:3"), {.confirmed = true}) == "nothing");
  world.pinned(fleet, draft);
  CHECK(world.when(pin("id:3")) == "nothing");  // It is so already: nothing to confirm.
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: what cannot be pinned is refused") {
  world.given(ReleaseInvalidated{old, "bad"});
  CHECK(world.when(pin("id:1")) == "refused: release-invalidated");
  CHECK(world.when(pin("id:4")) == "refused: release-not-success");
  CHECK(world.when(pin("id:5")) == "refused: unknown-release");
  CHECK(world.when(PinFleet{"acme/none", "id:1"}) == "refused: unknown-fleet");
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: the slug may be written in capitals") {
  CHECK(world.when(PinFleet{"Acme/THERMO", "id:2"}) ==
        "FleetPinned 1 release=2 following=0 pinned=0");
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: expected version and count of devices hold, or refuse") {
  world.device(fleet);
  const std::uint64_t version = world.of(fleet).version.value();
  CHECK(world.when(pin("id:1"), {.version = version - 1}) == "refused: stale-version");
  CHECK(world.when(pin("id:1"), {.count = 2}) == "refused: count-mismatch");
  CHECK(world.when(track, {.version = version - 1}) == "refused: stale-version");
  CHECK(world.when(track, {.count = 0}) == "refused: count-mismatch");
  CHECK(world.when(track, {.version = version, .count = 1}) == "nothing");
  world.perform(pin("id:1"), {.version = version, .count = 1});
  CHECK(world.of(fleet).version == world.head());
}

TEST_CASE_FIXTURE(PinnedFleet, "fleet pin: the count is of those that follow, not of the pinned") {
  world.device(fleet);
  world.pinned(world.device(fleet), ReleaseId{1});
  CHECK(world.when(pin("id:2"), {.count = 2}) == "refused: count-mismatch");
  CHECK(world.when(pin("id:2"), {.count = 1}) == "FleetPinned 1 release=2 following=1 pinned=1");
}

TEST_CASE_FIXTURE(PinnedFleet, "track-latest: a fleet that tracks already is left alone") {
  CHECK(world.when(track) == "nothing");
}

TEST_CASE_FIXTURE(PinnedFleet, "track-latest: at the latest release already, only the policy") {
  world.pinned(fleet, current);
  CHECK(world.when(track) == "FleetTrackingLatest 1 following=0 pinned=0");
}

TEST_CASE_FIXTURE(PinnedFleet, "track-latest: the answer says how many follow and stay pinned") {
  world.pinned(fleet, old);
  for (int i = 0; i < 3; ++i) world.device(fleet);
  world.pinned(DeviceId{2}, old);
  CHECK(world.when(track) ==
        "FleetTrackingLatest 1 following=2 pinned=1; "
        "FleetTargetChanged 1 from=1 to=2 fleet-tracking-latest");
}

TEST_CASE_FIXTURE(PinnedFleet, "track-latest: nothing eligible, the target stays, even a draft") {
  world.pinned(fleet, draft);
  for (const ReleaseId id : {old, current}) world.given(ReleaseInvalidated{id, "bad"});
  CHECK(world.perform(track) == "FleetTrackingLatest 1 following=0 pinned=0");
  CHECK(world.of(fleet).target == draft);
  CHECK(world.perform(FinalizeRelease{{"acme/thermo", "id:3"}}) == "ReleaseFinalized 3 rev=2");
}

TEST_CASE("track-latest: a fleet that never had an eligible release has no target") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  const DeviceId device = world.device(fleet);
  CHECK(world.when(track) == "nothing");
  CHECK(world.target(device).release == nullptr);
  CHECK_FALSE(world.target(device).pinned);
}
