#include <doctest/doctest.h>

#include <string>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// A fleet that tracks the latest release: given events, when a command, then events.

namespace {

FinishRelease finish(const std::string& name, ReleaseStatus status = ReleaseStatus::success) {
  return FinishRelease{{"acme/thermo", name}, status, {}};
}

CreateRelease create(const std::string& commit, ReleaseStatus status, bool draft = false) {
  return CreateRelease{"acme/thermo", commit, "1.0.0", status, draft, {}, {}};
}

struct Tracking {
  World world;
  FleetId fleet = world.fleet("thermo");

  ReleaseId running(const std::string& digits) {
    return world.release(fleet, {.commit = commit(digits), .status = ReleaseStatus::running});
  }
  ReleaseId success(const std::string& digits) {
    return world.release(fleet, {.commit = commit(digits)});
  }
  ReleaseId draft(const std::string& digits) {
    return world.release(fleet, {.commit = commit(digits), .revision = {}});
  }
  /// A success that the fleet moved to.
  ReleaseId current(const std::string& digits) {
    const ReleaseId id = success(digits);
    world.targets(fleet, id);
    return id;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Tracking, "tracking: it is the default, and a new fleet has no target") {
  CHECK(world.of(fleet).policy == FleetPolicy::track_latest);
  CHECK_FALSE(world.of(fleet).target.has_value());
}

TEST_CASE_FIXTURE(Tracking, "tracking: a build that succeeds deploys at once") {
  running("a");
  CHECK(world.when(finish("id:1")) ==
        "ReleaseFinished 1 success; FleetTargetChanged 1 from=- to=1 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: a release created as a success deploys at once") {
  current("a");
  CHECK(world.when(create(commit("b"), ReleaseStatus::success)) ==
        "ReleaseCreated 2 fleet=1 " + commit("b") +
            " 1.0.0 rev=1 success; FleetTargetChanged 1 from=1 to=2 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: a slow old build does not overtake a newer one") {
  running("a");
  current("b");
  CHECK(world.when(finish("id:1")) == "ReleaseFinished 1 success");
}

TEST_CASE_FIXTURE(Tracking, "tracking: latest is not the highest semver") {
  const ReleaseId high = world.release(fleet, {.commit = commit("a"), .semver = "9.0.0"});
  world.targets(fleet, high);
  world.release(fleet,
                {.commit = commit("b"), .semver = "1.0.0", .status = ReleaseStatus::running});
  CHECK(world.when(finish("id:2")) ==
        "ReleaseFinished 2 success; FleetTargetChanged 1 from=1 to=2 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: failed, cancelled and running builds deploy nowhere") {
  current("a");
  running("b");
  CHECK(world.when(finish("id:2", ReleaseStatus::failed)) == "ReleaseFinished 2 failed");
  CHECK(world.when(finish("id:2", ReleaseStatus::cancelled)) == "ReleaseFinished 2 cancelled");
  CHECK(world.when(create(commit("c"), ReleaseStatus::running)) ==
        "ReleaseCreated 3 fleet=1 " + commit("c") + " 1.0.0 rev=1 running");
}

TEST_CASE_FIXTURE(Tracking, "tracking: a draft deploys when it is finalised, in its old place") {
  draft("a");
  CHECK(world.when(FinalizeRelease{{"acme/thermo", "id:1"}}) ==
        "ReleaseFinalized 1 rev=0; FleetTargetChanged 1 from=- to=1 release-eligible");
  CHECK(world.when(create(commit("c"), ReleaseStatus::success, true)) ==
        "ReleaseCreated 2 fleet=1 " + commit("c") + " 1.0.0 rev=- success");
  current("b");
  CHECK(world.when(FinalizeRelease{{"acme/thermo", "id:1"}}) == "ReleaseFinalized 1 rev=1");
}

TEST_CASE_FIXTURE(Tracking, "tracking: a draft that is still built deploys when both are done") {
  world.release(fleet, {.commit = commit("a"), .revision = {}, .status = ReleaseStatus::running});
  CHECK(world.when(finish("id:1")) == "ReleaseFinished 1 success");
  CHECK(world.perform(FinalizeRelease{{"acme/thermo", "id:1"}}) == "ReleaseFinalized 1 rev=0");
  CHECK(world.when(finish("id:1")) ==
        "ReleaseFinished 1 success; FleetTargetChanged 1 from=- to=1 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: an invalidated target gives way to the next eligible one") {
  success("a");
  draft("b");
  success("c");
  current("d");
  CHECK(world.perform(InvalidateRelease{{"acme/thermo", "id:4"}}, {.reason = "leaks"}) ==
        "ReleaseInvalidated 4 leaks; FleetTargetChanged 1 from=4 to=3 release-ineligible");
  CHECK(world.perform(InvalidateRelease{{"acme/thermo", "id:3"}}, {.reason = "too"}) ==
        "ReleaseInvalidated 3 too; FleetTargetChanged 1 from=3 to=1 release-ineligible");
  CHECK(world.perform(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "all"}) ==
        "ReleaseInvalidated 1 all");
  CHECK(world.of(fleet).target == ReleaseId{1});  // Devices never lose what they run.
  CHECK_FALSE(world.of(ReleaseId{1}).eligible());
  CHECK(world.perform(ValidateRelease{{"acme/thermo", "id:3"}}) ==
        "ReleaseValidated 3; FleetTargetChanged 1 from=1 to=3 release-eligible");
  CHECK(world.perform(ValidateRelease{{"acme/thermo", "id:1"}}) == "ReleaseValidated 1");
}

TEST_CASE_FIXTURE(Tracking, "tracking: invalidating what is not the target moves nothing") {
  success("a");
  current("b");
  CHECK(world.when(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "old"}) ==
        "ReleaseInvalidated 1 old");
}

TEST_CASE_FIXTURE(Tracking, "tracking: what is invalidated while it is built never deploys") {
  running("a");
  world.given(ReleaseInvalidated{ReleaseId{1}, "wrong key"});
  CHECK(world.perform(finish("id:1")) == "ReleaseFinished 1 success");
  CHECK(world.perform(ValidateRelease{{"acme/thermo", "id:1"}}) ==
        "ReleaseValidated 1; FleetTargetChanged 1 from=- to=1 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: with none eligible, an older success may take its place") {
  running("a");
  current("b");
  world.given(ReleaseInvalidated{ReleaseId{2}, "bad"});
  CHECK(world.when(finish("id:1")) ==
        "ReleaseFinished 1 success; FleetTargetChanged 1 from=2 to=1 release-eligible");
}

TEST_CASE_FIXTURE(Tracking, "tracking: the releases of another fleet do not matter") {
  current("a");
  world.release(world.fleet("second"), {.commit = commit("b")});
  running("c");
  CHECK(world.when(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "bad"}) ==
        "ReleaseInvalidated 1 bad");
}

TEST_CASE_FIXTURE(Tracking, "tracking: a deleted release is not tracked again") {
  success("a");
  current("b");
  CHECK(world.perform(DeleteRelease{{"acme/thermo", "id:1"}}) == "ReleaseDeleted 1");
  CHECK(world.when(InvalidateRelease{{"acme/thermo", "id:2"}}, {.reason = "bad"}) ==
        "ReleaseInvalidated 2 bad");
}
