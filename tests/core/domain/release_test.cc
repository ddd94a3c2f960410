#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/domain/decide/rejection.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// The life of a release. The fleet is pinned, so that targets do not move here; see tracking_test.

namespace {

struct Releases {
  World world;
  FleetId fleet = world.fleet("thermo");
  ReleaseId held = world.release(fleet, {.commit = commit("f"), .semver = "0.1.0"});  // id 1

  Releases() { world.pinned(fleet, held); }

  ReleaseId add(GivenRelease release) { return world.release(fleet, std::move(release)); }
};

CreateRelease create(const std::string& commit_digits, const std::string& semver = "1.0.0") {
  return CreateRelease{
      "acme/thermo", commit(commit_digits), semver, ReleaseStatus::running, false, {}, {}};
}

ReleaseName named(const std::string& release) { return {"acme/thermo", release}; }

FinishRelease finish(const std::string& release, ReleaseStatus status, std::string manifest = {}) {
  return FinishRelease{named(release), status, std::move(manifest)};
}

std::string created(const std::string& digits, const std::string& rest) {
  return "ReleaseCreated 2 fleet=1 " + commit(digits) + " " + rest;
}

}  // namespace

TEST_CASE_FIXTURE(Releases, "release create: running, with a semver of 0.0.0 unless given") {
  CHECK(world.when(create("a")) == created("a", "1.0.0 rev=0 running"));
  CHECK(world.when(create("a", "")) == created("a", "0.0.0 rev=0 running"));
  CreateRelease full = create("a", "1.0.0-rc.1");
  full.note = "first";
  full.manifest = "{}";
  full.status = ReleaseStatus::success;
  full.draft = true;
  CHECK(world.when(full) == created("a", "1.0.0-rc.1 rev=- success note=first manifest={}"));
}

TEST_CASE_FIXTURE(Releases, "release create: what is wrong is refused with its own code") {
  CreateRelease good = create("a");
  struct Case {
    std::string what;
    CreateRelease command;
    std::string refused;
  };
  const auto with = [&](auto member, const auto& value) {
    CreateRelease changed = good;
    changed.*member = value;
    return changed;
  };
  const std::vector<Case> cases{
      {"fleet", with(&CreateRelease::fleet, "acme/other"), "unknown-fleet"},
      {"short commit", with(&CreateRelease::commit, "abc1234"), "invalid-commit"},
      {"capitals", with(&CreateRelease::commit, "ABCDEF0123"), "invalid-commit"},
      {"semver", with(&CreateRelease::semver, "1.0"), "invalid-semver"},
      {"build metadata", with(&CreateRelease::semver, "1.0.0+rev1"), "invalid-semver"},
      {"failed", with(&CreateRelease::status, ReleaseStatus::failed), "invalid-field"},
      {"cancelled", with(&CreateRelease::status, ReleaseStatus::cancelled), "invalid-field"},
      {"note", with(&CreateRelease::note, std::string(10'001, 'n')), "invalid-field"},
      {"manifest", with(&CreateRelease::manifest, std::string(8'193, 'm')), "invalid-manifest"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    CHECK(world.when(one.command) == "refused: " + one.refused);
  }
  good.manifest = std::string(8'192, 'm');
  CHECK(world.decision(good).has_value());
}

TEST_CASE_FIXTURE(Releases, "release: one success per fleet and commit") {
  add({.commit = commit("a")});
  CreateRelease again = create("a");
  CHECK(world.decision(again).has_value());  // It may still fail.
  again.status = ReleaseStatus::success;
  CHECK(world.when(again) == "refused: commit-taken");
  again.draft = true;
  CHECK(world.when(again) == "refused: commit-taken");
  add({.commit = commit("a"), .status = ReleaseStatus::running});
  CHECK(world.when(finish("id:3", ReleaseStatus::success)) == "refused: commit-taken");
  CHECK(world.when(finish("id:3", ReleaseStatus::failed)) == "ReleaseFinished 3 failed");
  world.given(ReleaseInvalidated{ReleaseId{2}, "bad"});
  CHECK(world.when(finish("id:3", ReleaseStatus::success)) == "refused: commit-taken");
  world.given(ReleaseDeleted{ReleaseId{2}});
  CHECK(world.when(finish("id:3", ReleaseStatus::success)) == "ReleaseFinished 3 success");
}

TEST_CASE_FIXTURE(Releases, "release: another fleet may have the same commit") {
  world.fleet("second");
  CreateRelease same{"acme/second", commit("f"), "1.0.0", ReleaseStatus::success, true, {}, {}};
  CHECK(world.decision(same).has_value());
}

TEST_CASE_FIXTURE(Releases, "release: revisions count from 0 per semver and fleet") {
  add({.commit = commit("a"), .semver = "1.0.0", .revision = 0});
  add({.commit = commit("b"), .semver = "1.0.0", .revision = {}});
  add({.commit = commit("c"), .semver = "2.0.0", .revision = {}});
  world.release(world.fleet("second"), {.commit = commit("d"), .semver = "2.0.0", .revision = 7});
  CHECK(world.when(FinalizeRelease{named("id:3")}) == "ReleaseFinalized 3 rev=1");
  CHECK(world.when(FinalizeRelease{named("id:4")}) == "ReleaseFinalized 4 rev=0");
  world.given(ReleaseDeleted{ReleaseId{2}});  // A revision is not given twice.
  CHECK(world.when(FinalizeRelease{named("id:3")}) == "ReleaseFinalized 3 rev=1");
}

TEST_CASE_FIXTURE(Releases, "release finish: once, from running only") {
  add({.commit = commit("a"), .status = ReleaseStatus::running, .manifest = "{}"});
  CHECK(world.when(finish("id:2", ReleaseStatus::running)) == "refused: invalid-field");
  CHECK(world.when(finish("id:2", ReleaseStatus::success, std::string(8'193, 'm'))) ==
        "refused: invalid-manifest");
  CHECK(world.perform(finish("id:2", ReleaseStatus::success, "{\"a\":1}")) ==
        "ReleaseFinished 2 success manifest={\"a\":1}");
  CHECK(world.of(ReleaseId{2}).manifest == "{\"a\":1}");
  struct Case {
    FinishRelease command;
    std::string then;
  };
  const std::vector<Case> cases{
      {finish("id:2", ReleaseStatus::success), "nothing"},
      {finish("id:2", ReleaseStatus::success, "{\"a\":1}"), "nothing"},
      {finish("id:2", ReleaseStatus::success, "{}"), "refused: release-not-running"},
      {finish("id:2", ReleaseStatus::failed), "refused: release-not-running"},
      {finish("id:2", ReleaseStatus::cancelled), "refused: release-not-running"},
      {finish("id:9", ReleaseStatus::failed), "refused: unknown-release"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.command.manifest);
    CHECK(world.when(one.command) == one.then);
  }
}

TEST_CASE_FIXTURE(Releases, "release finish: a commit built again means the build that runs") {
  add({.commit = commit("a"), .status = ReleaseStatus::failed});
  add({.commit = commit("a"), .revision = 1, .status = ReleaseStatus::running});
  CHECK(world.when(finish(commit("a"), ReleaseStatus::success)) == "ReleaseFinished 3 success");
}

TEST_CASE_FIXTURE(Releases, "release finish: without a manifest the one it has stays") {
  add({.commit = commit("a"), .status = ReleaseStatus::running, .manifest = "{}"});
  world.perform(finish("id:2", ReleaseStatus::success));
  CHECK(world.of(ReleaseId{2}).manifest == "{}");
}

TEST_CASE_FIXTURE(Releases, "release: final never becomes a draft") {
  CHECK_FALSE(world.of(held).draft());
  CHECK(world.when(FinalizeRelease{named("id:1")}) == "nothing");
}

TEST_CASE_FIXTURE(Releases, "release invalidate: with a reason, once; validate takes it back") {
  CHECK(world.when(InvalidateRelease{named("id:1")}) == "refused: invalid-field");
  CHECK(world.when(ValidateRelease{named("id:1")}) == "nothing");
  CHECK(world.perform(InvalidateRelease{named("id:1")}, {.reason = "leaks"}) ==
        "ReleaseInvalidated 1 leaks");
  CHECK(world.of(held).invalidation_reason == "leaks");
  CHECK(world.when(InvalidateRelease{named("id:1")}, {.reason = "again"}) == "nothing");
  CHECK(world.perform(ValidateRelease{named("id:1")}) == "ReleaseValidated 1");
  CHECK(world.of(held).invalidation_reason.empty());
}

TEST_CASE_FIXTURE(Releases, "release delete: refused while something holds it, naming who") {
  const DeviceId canary = world.device(fleet);
  const ReleaseId pinned = add({.commit = commit("a")});
  world.pinned(canary, pinned);
  const auto by_fleet = world.decision(DeleteRelease{named("id:1")});
  REQUIRE_FALSE(by_fleet.has_value());
  CHECK(by_fleet.error().code == RejectionCode::release_in_use);
  CHECK(by_fleet.error().candidates == std::vector<std::string>{"fleet acme/thermo"});
  const auto by_device = world.decision(DeleteRelease{named("id:2")});
  REQUIRE_FALSE(by_device.has_value());
  CHECK(by_device.error().code == RejectionCode::release_in_use);
  CHECK(by_device.error().candidates == std::vector<std::string>{"device " + uuid_text(1)});
  world.given(DeviceTrackingFleet{canary, pinned});
  CHECK(world.perform(DeleteRelease{named("id:2")}) == "ReleaseDeleted 2");
  CHECK(world.when(DeleteRelease{named("id:2")}) == "refused: unknown-release");
}

TEST_CASE_FIXTURE(Releases, "release delete: of many holders, ten are named and the rest counted") {
  for (int i = 0; i < 12; ++i) world.pinned(world.device(fleet), held);
  const auto refused = world.decision(DeleteRelease{named("id:1")});
  REQUIRE_FALSE(refused.has_value());
  const auto& names = refused.error().candidates;
  REQUIRE(names.size() == 11);
  CHECK(names.front() == "fleet acme/thermo");
  CHECK(names.back() == "3 more devices");
}

TEST_CASE_FIXTURE(Releases, "release: every change of one is refused at another version") {
  add({.commit = commit("a"), .revision = {}, .status = ReleaseStatus::running});
  const How stale{.reason = "r", .version = 1};
  const std::vector<CommandBody> commands{
      finish("id:2", ReleaseStatus::success), FinalizeRelease{named("id:2")},
      InvalidateRelease{named("id:2")}, ValidateRelease{named("id:2")},
      DeleteRelease{named("id:2")}};
  for (const CommandBody& command : commands) {
    CAPTURE(command.index());
    CHECK(world.when(command, stale) == "refused: stale-version");
    const How fresh{.reason = "r", .version = world.of(ReleaseId{2}).version.value()};
    CHECK(world.decision(command, fresh).has_value());
  }
}
