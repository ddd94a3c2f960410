#include <doctest/doctest.h>

#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Who belongs to an organisation or a fleet, and who may change that.

namespace {

constexpr auto plain = OrganisationRole::member;
constexpr auto administrator = OrganisationRole::administrator;

struct Members {
  World world;
  const Actor ada = world.user("ada");    // 3
  const Actor bert = world.user("bert");  // 4

  std::string set(const std::string& name, OrganisationRole role, const How& how = {}) {
    return world.perform(SetOrganisationMember{"acme", name, role}, how);
  }
  std::string remove(const std::string& name, const How& how = {}) {
    return world.perform(RemoveOrganisationMember{"acme", name}, how);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Members, "organisation members: set, changed, removed; nothing where it is so") {
  CHECK(set("ada", plain) == "OrganisationMemberSet 1 user=3 member");
  CHECK(set("ada", plain) == "nothing");
  CHECK(set("ada", administrator) == "OrganisationMemberSet 1 user=3 administrator");
  CHECK(set("ada", plain, {.version = 1}) == "refused: stale-version");
  CHECK(set("ada", plain, {.version = world.head().value()}) ==
        "OrganisationMemberSet 1 user=3 member");
  CHECK(remove("ada") == "OrganisationMemberRemoved 1 user=3");
  CHECK(remove("ada") == "nothing");
  CHECK(set("nobody", plain) == "refused: unknown-user");
  CHECK(world.when(SetOrganisationMember{"ACME", "ada", plain}) ==
        "OrganisationMemberSet 1 user=3 member");
  CHECK(world.when(SetOrganisationMember{"none", "ada", plain}) == "refused: unknown-organisation");
}

TEST_CASE_FIXTURE(Members, "organisation members: the last administrator cannot leave") {
  CHECK(remove("owner") == "refused: last-administrator");
  CHECK(set("owner", plain) == "refused: last-administrator");
  set("ada", administrator);
  world.given(UserDisabled{ada.user});  // Who cannot log in administers nothing.
  CHECK(remove("owner") == "refused: last-administrator");
  world.given(UserEnabled{ada.user});
  CHECK(remove("owner") == "OrganisationMemberRemoved 1 user=2");
  CHECK(remove("ada", {.by = ada}) == "refused: last-administrator");
}

TEST_CASE_FIXTURE(Members, "organisation members: administrators and the instance's change them") {
  const std::vector<std::pair<Actor, std::string>> cases{
      {world.owner, "OrganisationMemberSet 1 user=4 member"},
      {world.token(world.owner.user, Role::administrator), "OrganisationMemberSet 1 user=4 member"},
      {world.token(world.owner.user, Role::developer), "refused: not-allowed"},
      {world.root, "OrganisationMemberSet 1 user=4 member"},
      {world.token(world.root.user, Role::administrator), "refused: unknown-organisation"},
      {ada, "refused: unknown-organisation"},
      {world.user("auditor", 6), "refused: unknown-organisation"},
  };
  for (const auto& [actor, then] : cases) {
    CAPTURE(actor.token.value());
    CHECK(world.when(SetOrganisationMember{"acme", "bert", plain}, {.by = actor}) == then);
  }
  set("ada", plain);
  CHECK(set("bert", plain, {.by = ada}) == "refused: not-allowed");
  CHECK(remove("ada", {.by = ada}) == "refused: not-allowed");
}

TEST_CASE_FIXTURE(Members, "organisation members: an administrator administers all of its fleets") {
  world.fleet("thermo");
  const TrackLatest track{"acme/thermo"};
  CHECK(world.when(track, {.by = ada}) == "refused: unknown-fleet");
  set("ada", plain);  // Plain members see no fleet.
  CHECK(world.when(track, {.by = ada}) == "refused: unknown-fleet");
  const CreateFleet create{"acme/fresh", "pi4", FleetType::starter, {}};
  CHECK(world.when(create, {.by = ada}) == "refused: not-allowed");
  set("ada", administrator);
  CHECK(world.when(track, {.by = ada}) == "nothing");
  CHECK(world.decision(create, {.by = ada}).has_value());
  set("ada", plain);
  CHECK(world.when(track, {.by = ada}) == "refused: unknown-fleet");
}

TEST_CASE_FIXTURE(Members, "organisation members: who leaves stays where it was added to a fleet") {
  const FleetId fleet = world.fleet("thermo");
  world.member(fleet, ada, Role::developer);
  set("ada", administrator);
  remove("ada");
  CHECK(world.when(TrackLatest{"acme/thermo"}, {.by = ada}) == "nothing");
  CHECK(world.when(RemoveFleetMember{"acme/thermo", "ada"}, {.by = ada}) == "refused: not-allowed");
}

TEST_CASE_FIXTURE(Members, "members: removing tells no more than that there is no such member") {
  world.fleet("thermo");
  for (const std::string name : {"bert", "nobody"}) {
    CAPTURE(name);
    CHECK(remove(name) == "nothing");
    CHECK(world.when(RemoveFleetMember{"acme/thermo", name}) == "nothing");
  }
}

TEST_CASE_FIXTURE(Members, "members: there is a limit to how many") {
  const FleetId fleet = world.fleet("thermo");
  for (std::size_t i = 0; i < members_max; ++i) {
    const Actor user = world.user(fmt::format("user-{}", i));
    world.member(fleet, user, Role::observer);
    if (i > 0) world.given(OrganisationMemberSet{world.acme, user.user, plain});
  }
  CHECK(set("ada", plain) == "refused: invalid-field");
  CHECK(set("user-1", administrator) != "refused: invalid-field");
  CHECK(world.when(SetFleetMember{"acme/thermo", "ada", Role::observer}) ==
        "refused: invalid-field");
  CHECK(world.when(SetFleetMember{"acme/thermo", "user-0", Role::fleet_operator}) ==
        "FleetMemberSet 1 user=5 operator");
}

TEST_CASE_FIXTURE(Members, "tokens: a limited one ends itself, and those that may no more") {
  const Actor limited = world.token(ada.user, Role::developer);
  const Actor smaller = world.token(ada.user, Role::observer);
  CHECK(world.when(RevokeToken{ada.token}, {.by = limited}) == "refused: not-allowed");
  CHECK(world.when(RevokeToken{smaller.token}, {.by = limited}).starts_with("TokenRevoked"));
  CHECK(world.when(RevokeToken{limited.token}, {.by = limited}).starts_with("TokenRevoked"));
  const Actor ending = world.token(ada.user, {}, world.now() + std::chrono::hours{1});
  CHECK(world.when(RevokeToken{ada.token}, {.by = ending}) == "refused: not-allowed");
  CHECK(world.when(RevokeToken{ending.token}, {.by = ending}).starts_with("TokenRevoked"));
}
