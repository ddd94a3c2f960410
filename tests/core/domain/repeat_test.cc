#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// What a command answers again under its idempotency key: no more than asking anew would tell.

namespace {

struct Repeats {
  World world;
  FleetId fleet = world.fleet("thermo");
  const Actor ada = world.user("ada");

  /// Whether `actor` hears again of `event`, to which `body` led; `yes`, or the refusal's code.
  [[nodiscard]] std::string hears(const Actor& actor, const CommandBody& body, const Event& event) {
    Command command;
    command.actor = actor;
    command.body = body;
    const std::vector<Recorded> done{Recorded{.sequence = {}, .meta = {}, .event = event}};
    const auto may = may_hear_again(world.state(), command, done, world.now());
    return may ? "yes" : std::string(code_of(may.error().code));
  }
};

}  // namespace

TEST_CASE_FIXTURE(Repeats, "repeats: who lost sight of a fleet hears what a stranger hears") {
  world.release(fleet, {.commit = commit("a")});
  world.device(fleet);
  const CommandBody pin = PinDevices{{uuid_text(1)}, "id:1"};
  const Event pinned = DevicePinned{DeviceId{1}, ReleaseId{1}, {}};
  world.member(fleet, ada, Role::fleet_operator);
  CHECK(hears(ada, pin, pinned) == "yes");
  world.member(fleet, ada, Role::observer);  // It may still see it.
  CHECK(hears(ada, pin, pinned) == "yes");
  world.given(FleetMemberRemoved{fleet, ada.user});
  CHECK(hears(ada, pin, pinned) == "unknown-device");
  CHECK(hears(ada, PinFleet{"acme/thermo", "id:1"}, FleetPinned{fleet, ReleaseId{1}, {}}) ==
        "unknown-fleet");
  CHECK(hears(ada, FinalizeRelease{{"", "id:1"}}, ReleaseFinalized{ReleaseId{1}, 0}) ==
        "unknown-release");
}

TEST_CASE_FIXTURE(Repeats, "repeats: a device's credential is for who may register devices") {
  world.device(fleet);
  const CommandBody registering = RegisterDevice{"acme/thermo", *parse_uuid(uuid_text(9)), {}, {}};
  const Event registered = DeviceRegistered{.id = DeviceId{1}, .fleet = fleet};
  world.member(fleet, ada, Role::fleet_operator);
  CHECK(hears(ada, registering, registered) == "yes");
  world.member(fleet, ada, Role::observer);
  CHECK(hears(ada, registering, registered) == "not-allowed");
}

TEST_CASE_FIXTURE(Repeats, "repeats: a limited token is not told a wider one") {
  const CommandBody issuing = IssueToken{"", "laptop", {}, {}, {}};
  const Event issued = TokenIssued{.id = ada.token, .user = ada.user};
  CHECK(hears(ada, issuing, issued) == "yes");
  CHECK(hears(world.token(ada.user, Role::administrator), issuing, issued) == "not-allowed");
  const auto soon = world.now() + std::chrono::hours{1};
  CHECK(hears(world.token(ada.user, {}, soon), issuing, issued) == "not-allowed");
}

TEST_CASE_FIXTURE(Repeats, "repeats: organisations and users likewise, and dead tokens never") {
  const CommandBody set = SetOrganisationMember{"acme", "ada", OrganisationRole::administrator};
  const Event was_set =
      OrganisationMemberSet{world.acme, ada.user, OrganisationRole::administrator};
  CHECK(hears(world.owner, set, was_set) == "yes");
  CHECK(hears(ada, set, was_set) == "unknown-organisation");
  const CommandBody disable = SetUserEnabled{"ada", false};
  CHECK(hears(world.root, disable, UserDisabled{ada.user}) == "yes");
  CHECK(hears(world.owner, disable, UserDisabled{ada.user}) == "not-allowed");
  CHECK(hears(world.owner, AddDeviceType{}, DeviceTypeAdded{.id = DeviceTypeId{1}}) == "yes");
  world.given(UserDisabled{world.owner.user});
  CHECK(hears(world.owner, set, was_set) == "not-allowed");
}
