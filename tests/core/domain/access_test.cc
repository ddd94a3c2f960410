#include "core/domain/decide/access.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Who may do what. Each command below is one that would be done, were it allowed.

namespace {

struct Right {
  CommandBody command;
  Role needed;
  std::string unseen;  // What it says to who may not see the entity.
};

/// A fleet with releases 1 and 2 (one a draft still built), and devices 1 and 2.
struct Rights {
  World world;
  FleetId fleet = world.fleet("thermo");
  std::vector<Right> rights;

  Rights() {
    world.release(fleet, {.commit = commit("a")});
    world.release(fleet, {.commit = commit("b"), .revision = {}, .status = ReleaseStatus::running});
    world.device(fleet);
    world.pinned(world.device(fleet), ReleaseId{1});
    world.pinned(fleet, ReleaseId{1});
    world.user("guest");
    fill();
  }

  void fill() {
    const std::string slug = "acme/thermo";
    const ReleaseName draft{slug, "id:2"};
    const auto add = [&](CommandBody command, Role needed, const std::string& unseen) {
      rights.push_back({std::move(command), needed, unseen});
    };
    const Uuid fresh = *parse_uuid(uuid_text(9));
    add(RegisterDevice{slug, fresh, {}, {}}, Role::fleet_operator, "unknown-fleet");
    add(RenameDevice{uuid_text(1), "Hall-7"}, Role::fleet_operator, "unknown-device");
    add(NoteDevice{uuid_text(1), "note"}, Role::fleet_operator, "unknown-device");
    add(TagDevice{uuid_text(1), {{"a", "b"}}, {}}, Role::fleet_operator, "unknown-device");
    add(PinDevices{{uuid_text(1)}, "id:1"}, Role::fleet_operator, "unknown-device");
    add(TrackFleet{{uuid_text(2)}}, Role::fleet_operator, "unknown-device");
    add(PinFleet{slug, "id:1"}, Role::developer, "unknown-fleet");
    add(TrackLatest{slug}, Role::developer, "unknown-fleet");
    add(CreateRelease{slug, commit("c"), {}, ReleaseStatus::running, false, {}, {}},
        Role::developer, "unknown-fleet");
    add(FinishRelease{draft, ReleaseStatus::failed, {}}, Role::developer, "unknown-fleet");
    add(FinalizeRelease{draft}, Role::developer, "unknown-fleet");
    add(InvalidateRelease{draft}, Role::developer, "unknown-fleet");
    add(ValidateRelease{draft}, Role::developer, "unknown-fleet");
    add(DeleteRelease{draft}, Role::developer, "unknown-fleet");
    add(SetFleetMember{slug, "guest", Role::observer}, Role::administrator, "unknown-fleet");
    add(RemoveFleetMember{slug, "guest"}, Role::administrator, "unknown-fleet");
  }

  void check_as(const Actor& actor, Role role) {
    for (const Right& right : rights) {
      CAPTURE(right.command.index());
      const std::string then = world.when(right.command, {.by = actor, .reason = "r"});
      CAPTURE(then);
      if (role >= right.needed) CHECK(then.find("refused") == std::string::npos);
      if (role < right.needed) CHECK(then == "refused: not-allowed");
    }
  }

  void check_unseen_by(const Actor& actor) {
    for (const Right& right : rights) {
      CAPTURE(right.command.index());
      CHECK(world.when(right.command, {.by = actor, .reason = "r"}) == "refused: " + right.unseen);
    }
  }
};

constexpr Role all_roles[] = {Role::observer, Role::fleet_operator, Role::developer,
                              Role::administrator};

}  // namespace

TEST_CASE_FIXTURE(Rights, "access: each role may do its own and what those before it may") {
  for (const Role role : all_roles) {
    CAPTURE(to_string(role));
    const Actor member = world.user("member-" + std::string(to_string(role)));
    world.member(fleet, member, role);
    check_as(member, role);
  }
}

TEST_CASE_FIXTURE(Rights, "access: a token's limit lowers the role and never raises it") {
  for (const Role role : all_roles) {
    CAPTURE(to_string(role));
    check_as(world.token(world.owner.user, role), role);
  }
  const Actor member = world.user("observer");
  world.member(fleet, member, Role::observer);
  check_as(world.token(member.user, Role::administrator), Role::observer);
}

TEST_CASE_FIXTURE(Rights, "access: organisation administrators administer all of its fleets") {
  check_as(world.owner, Role::administrator);
}

TEST_CASE_FIXTURE(Rights, "access: what may not be seen answers like what does not exist") {
  const Actor stranger = world.user("stranger");
  check_unseen_by(stranger);
  world.member(world.fleet("second"), stranger, Role::administrator);
  check_unseen_by(stranger);
  world.member(fleet, stranger, Role::observer);
  world.given(FleetMemberRemoved{fleet, stranger.user});
  check_unseen_by(stranger);
}

TEST_CASE_FIXTURE(Rights, "access: the texts of the refusal are the same for unseen and missing") {
  const Actor stranger = world.user("stranger");
  const auto unseen = world.decision(TrackLatest{"acme/thermo"}, {.by = stranger});
  const auto missing = world.decision(TrackLatest{"acme/nothing"}, {.by = stranger});
  CHECK(unseen.error().rule == missing.error().rule);
  CHECK(unseen.error().remedy == missing.error().remedy);
}

TEST_CASE_FIXTURE(Rights, "access: instance roles alone open no fleet") {
  check_unseen_by(world.root);
  check_unseen_by(world.user("all-instance-roles", 7));
}

TEST_CASE_FIXTURE(Rights, "access: a limited token has no instance role and no organisation") {
  const Actor limited_root = world.token(world.root.user, Role::administrator);
  CHECK(world.when(AcceptClock{}, {.by = limited_root}) == "refused: not-allowed");
  const CreateFleet create{"acme/fresh", "pi4", FleetType::microservices, {}};
  const Actor developer = world.token(world.owner.user, Role::developer);
  const Actor administrator = world.token(world.owner.user, Role::administrator);
  CHECK(world.when(create, {.by = developer}) == "refused: not-allowed");
  CHECK(world.decision(create, {.by = administrator}).has_value());
}

TEST_CASE_FIXTURE(Rights, "access: Muster itself may do everything") {
  check_as(Actor{}, Role::administrator);
}

TEST_CASE_FIXTURE(Rights, "access: a token ends by revocation, at its time, or with its user") {
  const TrackLatest track{"acme/thermo"};
  const Actor expiring =
      world.token(world.owner.user, std::nullopt, world.now() + std::chrono::seconds{2});
  CHECK(world.decision(track, {.by = expiring}).has_value());
  world.given(ClockAccepted{});  // One more second.
  CHECK(world.when(track, {.by = expiring}) == "refused: not-allowed");
  const Actor revoked = world.token(world.owner.user, std::nullopt);
  CHECK(world.decision(track, {.by = revoked}).has_value());
  world.given(TokenRevoked{revoked.token});
  CHECK(world.when(track, {.by = revoked}) == "refused: not-allowed");
  CHECK(world.decision(track).has_value());
  world.given(UserDisabled{world.owner.user});
  CHECK(world.when(track) == "refused: not-allowed");
  world.given(UserEnabled{world.owner.user});
  CHECK(world.decision(track).has_value());
}

TEST_CASE_FIXTURE(Rights, "access: a token of somebody else, or none, is no token") {
  const TrackLatest track{"acme/thermo"};
  for (const Actor& actor : {Actor{world.owner.user, world.root.token},
                             Actor{world.owner.user, TokenId{}}, Actor{UserId{99}, TokenId{1}}}) {
    CHECK(world.when(track, {.by = actor}) == "refused: not-allowed");
  }
}
