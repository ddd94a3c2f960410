#include "core/domain/decide/release_name.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/domain/decide/rejection.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// Releases of one fleet with ids from 1 on, as resolve_release wants them.
class Shelf {
 public:
  Shelf() {
    add({.commit = commit("aaaaaaa1"), .semver = "1.0.0", .revision = 0});
    add({.commit = commit("aaaaaaa2"), .semver = "1.0.0", .revision = 1});
    add({.commit = commit("bbbbbbbb"), .semver = "2.0.0", .status = ReleaseStatus::failed});
    add({.commit = commit("cccccccc"), .semver = "3.0.0", .status = ReleaseStatus::running});
    add({.commit = commit("dddddddd"), .semver = "3.0.0", .revision = 1}).invalidated = true;
    add({.commit = commit("eeeeeeee"), .semver = "4.0.0", .revision = {}});
    add({.commit = commit("bbbbbbbb"), .semver = "2.0.0", .revision = 1});
    add({.commit = "12345678", .semver = "5.0.0", .revision = 0});
    add({.commit = "123456789", .semver = "5.0.0", .revision = 1});
  }

  /// The id of what the name means, or the code of the refusal.
  [[nodiscard]] std::string means(const std::string& name, ReleaseUse use) const {
    const auto found = resolve_release(pointers(), name, use);
    if (!found) return std::string(code_of(found.error().code));
    return fmt::format("{}", (*found)->id.value());
  }

  [[nodiscard]] std::vector<const Release*> pointers() const {
    std::vector<const Release*> all;
    all.reserve(releases_.size());
    for (const Release& release : releases_) all.push_back(&release);
    return all;
  }

 private:
  Release& add(const GivenRelease& given) {
    Release row;
    row.id = ReleaseId{static_cast<std::uint32_t>(releases_.size() + 1)};
    row.commit = given.commit;
    row.semver = given.semver;
    row.revision = given.revision;
    row.status = given.status;
    releases_.push_back(row);
    return releases_.back();
  }

  std::vector<Release> releases_;
};

}  // namespace

TEST_CASE("release name: full commit, prefix, id and semver, in that order") {
  const Shelf shelf;
  struct Case {
    std::string name;
    std::string any;
    std::string for_pin;
  };
  const std::vector<Case> cases{
      {commit("aaaaaaa1"), "1", "1"},
      {"aaaaaaa2", "2", "2"},
      {"aaaaaaa", "ambiguous-release", "ambiguous-release"},
      {"aaaaaa", "unknown-release", "unknown-release"},
      {"AAAAAAA2", "unknown-release", "unknown-release"},
      {"id:2", "2", "2"},
      {"2", "2", "2"},
      {"id:99", "unknown-release", "unknown-release"},
      {"id:", "unknown-release", "unknown-release"},
      {"id:-1", "unknown-release", "unknown-release"},
      {"99999999999", "unknown-release", "unknown-release"},
      {"", "unknown-release", "unknown-release"},
      {"1.0.0", "ambiguous-release", "ambiguous-release"},
      {"1.0.0+rev0", "1", "1"},
      {"1.0.0+rev1", "2", "2"},
      {"1.0.0+rev2", "unknown-release", "unknown-release"},
      {"1.0.0+rev", "unknown-release", "unknown-release"},
      {"4.0.0", "6", "6"},
      // What cannot be pinned is no candidate for a pin; where it is all there is, it says why.
      {commit("bbbbbbbb"), "ambiguous-release", "7"},
      {"2.0.0", "ambiguous-release", "7"},
      {"id:3", "3", "release-not-success"},
      {"cccccccc", "4", "release-not-success"},
      {"dddddddd", "5", "release-invalidated"},
      {"3.0.0", "ambiguous-release", "release-invalidated"},
      // A full commit wins over a longer one that begins with it.
      {"12345678", "8", "8"},
      {"1234567", "ambiguous-release", "ambiguous-release"},
      {"123456789", "9", "9"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CHECK(shelf.means(one.name, ReleaseUse::any) == one.any);
    CHECK(shelf.means(one.name, ReleaseUse::pin) == one.for_pin);
  }
}

TEST_CASE("release name: an ambiguous name comes with its candidates, drafts last") {
  Release draft;
  draft.id = ReleaseId{1};
  draft.commit = commit("d1");
  draft.semver = "1.0.0";
  draft.status = ReleaseStatus::success;
  Release first = draft;
  first.id = ReleaseId{2};
  first.commit = commit("f0");
  first.revision = 0;
  Release second = first;
  second.id = ReleaseId{3};
  second.commit = commit("f1");
  second.revision = 1;
  const auto found = resolve_release({&draft, &first, &second}, "1.0.0", ReleaseUse::pin);
  REQUIRE_FALSE(found.has_value());
  const std::vector<std::string> expected{
      fmt::format("{} 1.0.0 id:2", first.commit),
      fmt::format("{} 1.0.0+rev1 id:3", second.commit),
      fmt::format("{} 1.0.0 (draft) id:1", draft.commit),
  };
  CHECK(found.error().candidates == expected);
}

TEST_CASE("release name: a foreign release is named as such, unless it may not be seen") {
  World world;
  const FleetId thermo = world.fleet("thermo");
  const FleetId second = world.fleet("second");
  const ReleaseId own = world.release(thermo, {.commit = commit("aa")});
  world.release(second, {.commit = commit("bb")});
  const Actor stranger = world.user("stranger");
  world.member(thermo, stranger, Role::developer);
  for (const std::string& name : {commit("bb"), std::string("id:2"), std::string("2")}) {
    CAPTURE(name);
    CHECK(world.when(PinFleet{"acme/thermo", name}) == "refused: release-of-other-fleet");
    CHECK(world.when(PinFleet{"acme/thermo", name}, {.by = stranger}) ==
          "refused: unknown-release");
  }
  world.given(ReleaseDeleted{own});
  CHECK(world.when(PinFleet{"acme/thermo", commit("aa")}) == "refused: unknown-release");
}

TEST_CASE("release name: without a fleet, only the id names a release") {
  World world;
  const FleetId thermo = world.fleet("thermo");
  world.release(thermo, {.commit = commit("1"), .status = ReleaseStatus::running});
  const Actor stranger = world.user("stranger");
  CHECK(world.when(FinishRelease{{"", "id:1"}, ReleaseStatus::failed, {}}) ==
        "ReleaseFinished 1 failed");
  CHECK(world.when(FinalizeRelease{{"", "1"}}) == "nothing");
  CHECK(world.when(FinalizeRelease{{"", commit("1")}}) == "refused: unknown-release");
  CHECK(world.when(FinalizeRelease{{"", "id:2"}}) == "refused: unknown-release");
  CHECK(world.when(FinalizeRelease{{"", "id:1"}}, {.by = stranger}) == "refused: unknown-release");
}
