#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/evolve.h"
#include "tests/support/domain_text.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// The log's beginning, device types, organisations, users, tokens, fleets and their members.

namespace {

constexpr std::uint8_t administrator = 1;

Initialise beginning() { return Initialise{{}, 7, "admin", "first", {}}; }

}  // namespace

TEST_CASE("initialise: an empty log gets its name, a catalogue and an administrator") {
  const State empty;
  Command command;
  command.body = beginning();
  const auto decided = decide(empty, command, Timestamp{});
  REQUIRE(decided.has_value());
  CHECK(text_of(decided->front()) == "LogCreated epoch=7");
  CHECK(text_of(decided->at(decided->size() - 2)) == "UserCreated 1 admin roles=1");
  CHECK(text_of(decided->back()) == "TokenIssued 1 user=1 first limit=-");
  State state;
  Sequence sequence;
  for (const Event& event : *decided) {
    sequence = next(sequence);
    evolve(state, Recorded{.sequence = sequence, .meta = {}, .event = event});
  }
  struct Known {
    std::string slug;
    std::string architecture;
  };
  for (const Known& known : {Known{"raspberrypi3", "armv7hf"}, Known{"raspberrypi4-64", "aarch64"},
                             Known{"beaglebone-black", "armv7hf"}, Known{"intel-nuc", "amd64"},
                             Known{"generic-amd64", "amd64"}, Known{"raspberry-pi", "rpi"}}) {
    CAPTURE(known.slug);
    const DeviceType* type = state.find_device_type(known.slug);
    REQUIRE(type != nullptr);
    CHECK(type->architecture == known.architecture);
  }
  CHECK(text_of(decide(state, command, Timestamp{})) == "refused: not-allowed");
}

TEST_CASE("initialise: never twice, and never by a user") {
  const World world;
  CHECK(world.when(beginning(), {.by = Actor{}}) == "refused: not-allowed");
  CHECK(world.when(beginning(), {.by = world.root}) == "refused: not-allowed");
}

TEST_CASE("instance: what instance administrators may do, others may not") {
  const World world;
  struct Case {
    CommandBody command;
    std::string then;
  };
  const std::vector<Case> cases{
      {AcceptClock{Timestamp{}, Timestamp{} + std::chrono::hours{25}}, "ClockAccepted -"},
      {AddDeviceType{"pi5", "Pi 5", "aarch64", true},
       "DeviceTypeAdded 4 pi5 name=Pi 5 aarch64 os-update"},
      {AddDeviceType{"pi5", "", "aarch64", false}, "DeviceTypeAdded 4 pi5 name=pi5 aarch64"},
      {CreateOrganisation{"Globex", ""},
       "OrganisationCreated 2 globex name=Globex administrator=1"},
      {CreateOrganisation{"globex", "Globex Inc."},
       "OrganisationCreated 2 globex name=Globex Inc. administrator=1"},
      {CreateUser{"ada", {}}, "UserCreated 3 ada roles=0"},
      {CreateUser{"ada", {InstanceRole::auditor, InstanceRole::support, InstanceRole::support}},
       "UserCreated 3 ada roles=6"},
      {SetUserEnabled{"owner", false}, "UserDisabled 2"},
      {SetUserEnabled{"owner", true}, "nothing"},
      {IssueToken{"owner", "laptop", {}, {}, {}}, "TokenIssued 3 user=2 laptop limit=-"},
      {RevokeToken{TokenId{2}}, "TokenRevoked 2"},
  };
  const World plain = [] {
    World other;
    other.user("nobody");
    return other;
  }();
  const Actor nobody{UserId{3}, TokenId{3}};
  for (const Case& one : cases) {
    CAPTURE(one.then);
    CHECK(world.when(one.command, {.by = world.root}) == one.then);
    const bool hidden = std::holds_alternative<RevokeToken>(one.command);
    CHECK(plain.when(one.command, {.by = nobody}) ==
          (hidden ? "refused: unknown-token" : "refused: not-allowed"));
  }
}

TEST_CASE("instance: what is wrong is refused with its own code") {
  const World world;
  const std::string title(101, 't');
  struct Case {
    CommandBody command;
    std::string refused;
  };
  const std::vector<Case> cases{
      {AddDeviceType{"Pi5", "", "aarch64", true}, "invalid-name"},
      {AddDeviceType{"pi5", "", "ARM", true}, "invalid-name"},
      {AddDeviceType{"pi5", title, "aarch64", true}, "invalid-name"},
      {AddDeviceType{"pi4", "", "aarch64", true}, "device-type-taken"},
      {CreateOrganisation{"abc", ""}, "invalid-name"},
      {CreateOrganisation{"globex", title}, "invalid-name"},
      {CreateOrganisation{"ACME", ""}, "handle-taken"},
      {CreateUser{"a b", {}}, "invalid-name"},
      {CreateUser{"owner", {}}, "username-taken"},
      {SetUserEnabled{"nobody", false}, "unknown-user"},
      {IssueToken{"nobody", "laptop", {}, {}, {}}, "unknown-user"},
      {IssueToken{"owner", "", {}, {}, {}}, "invalid-name"},
      {IssueToken{"owner", "late", {}, {}, world.now()}, "invalid-field"},
      {RevokeToken{TokenId{9}}, "unknown-token"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.command.index());
    CHECK(world.when(one.command, {.by = world.root}) == "refused: " + one.refused);
  }
  CHECK(world.when(IssueToken{"", "none", {}, {}, {}}, {.by = Actor{}}) == "refused: unknown-user");
}

TEST_CASE("users: the last instance administrator cannot be disabled") {
  World world;
  const How by_root{.by = world.root};
  CHECK(world.when(SetUserEnabled{"root", false}, by_root) == "refused: last-administrator");
  world.user("second", administrator);
  CHECK(world.perform(SetUserEnabled{"second", false}, by_root) == "UserDisabled 3");
  CHECK(world.when(SetUserEnabled{"root", false}, by_root) == "refused: last-administrator");
  CHECK(world.perform(SetUserEnabled{"second", true}, by_root) == "UserEnabled 3");
  CHECK(world.perform(SetUserEnabled{"root", false}, by_root) == "UserDisabled 1");
}

TEST_CASE("tokens: everybody makes and revokes their own, never wider than the one in use") {
  World world;
  CHECK(world.when(IssueToken{"", "laptop", {}, {}, {}}) == "TokenIssued 3 user=2 laptop limit=-");
  CHECK(world.when(
            IssueToken{"owner", "ci", {}, Role::developer, world.now() + std::chrono::hours{1}}) ==
        "TokenIssued 3 user=2 ci limit=developer expires");
  const How limited{.by = world.token(world.owner.user, Role::developer)};
  const std::vector<std::pair<std::optional<Role>, std::string>> cases{
      {Role::observer, "TokenIssued 4 user=2 more limit=observer"},
      {Role::developer, "TokenIssued 4 user=2 more limit=developer"},
      {Role::administrator, "refused: not-allowed"},
      {std::nullopt, "refused: not-allowed"},
  };
  for (const auto& [limit, then] : cases) {
    CHECK(world.when(IssueToken{"", "more", {}, limit, {}}, limited) == then);
  }
  CHECK(world.when(RevokeToken{TokenId{1}}) == "refused: unknown-token");
  CHECK(world.when(RevokeToken{TokenId{3}}, {.version = 1}) == "refused: stale-version");
  CHECK(world.perform(RevokeToken{TokenId{3}}) == "TokenRevoked 3");
  CHECK(world.when(RevokeToken{TokenId{3}}) == "nothing");
}

TEST_CASE("tokens: a token that ends gives rise to none that lives longer") {
  World world;
  const Timestamp end = world.now() + std::chrono::hours{1};
  const How ending{.by = world.token(world.owner.user, {}, end)};
  CHECK(world.when(IssueToken{"", "more", {}, {}, {}}, ending) == "refused: not-allowed");
  CHECK(world.when(IssueToken{"", "more", {}, {}, end + std::chrono::hours{1}}, ending) ==
        "refused: not-allowed");
  CHECK(world.when(IssueToken{"", "more", {}, {}, end}, ending) ==
        "TokenIssued 4 user=2 more limit=- expires");
}

TEST_CASE("clock: where there is nothing to accept, nothing is done") {
  const World world;
  CHECK(world.when(AcceptClock{}, {.by = world.root}) == "nothing");
}

TEST_CASE("fleet create: by the organisation's administrators, the slug in lower case") {
  World world;
  const auto create = [&](const std::string& slug, const std::string& type, const Actor& by) {
    return world.when(CreateFleet{slug, type, FleetType::starter, {}}, {.by = by});
  };
  CHECK(create("Acme/Thermo", "pi4", world.owner) ==
        "FleetCreated 1 acme/thermo name=Thermo org=1 device-type=1 starter");
  CHECK(create("acme/thermo", "pi4", world.root) == "refused: not-allowed");
  CHECK(create("none/thermo", "pi4", world.owner) == "refused: unknown-organisation");
  const Actor stranger = world.user("stranger");
  CHECK(create("acme/thermo", "pi4", stranger) == "refused: unknown-organisation");
  world.member(world.fleet("other"), stranger, Role::administrator);
  CHECK(create("acme/thermo", "pi4", stranger) == "refused: not-allowed");
  CHECK(create("acme/abc", "pi4", world.owner) == "refused: invalid-name");
  CHECK(create("thermo", "pi4", world.owner) == "refused: invalid-name");
  CHECK(create("acme/thermo", "toaster", world.owner) == "refused: unknown-device-type");
}

TEST_CASE("fleet create: a slug is taken whatever its capitals") {
  World world;
  world.fleet("thermo");
  CHECK(world.when(CreateFleet{"acme/Thermo", "pi4", FleetType::starter, {}}) ==
        "refused: slug-taken");
}

TEST_CASE("fleet members: set, changed, removed; nothing where it is so already") {
  World world;
  const FleetId fleet = world.fleet("thermo");
  const Actor ada = world.user("ada");
  const SetFleetMember developer{"acme/thermo", "ada", Role::developer};
  const RemoveFleetMember remove{"acme/thermo", "ada"};
  CHECK(world.when(remove) == "nothing");
  CHECK(world.perform(developer) == "FleetMemberSet 1 user=3 developer");
  CHECK(world.when(developer) == "nothing");
  CHECK(world.perform(SetFleetMember{"acme/thermo", "ada", Role::observer}) ==
        "FleetMemberSet 1 user=3 observer");
  CHECK(world.of(fleet).members ==
        std::vector<std::pair<UserId, Role>>{{ada.user, Role::observer}});
  CHECK(world.when(remove, {.version = 1}) == "refused: stale-version");
  CHECK(world.when(developer, {.version = 1}) == "refused: stale-version");
  CHECK(world.perform(remove) == "FleetMemberRemoved 1 user=3");
  CHECK(world.of(fleet).members.empty());
  CHECK(world.when(SetFleetMember{"acme/thermo", "nobody", Role::observer}) ==
        "refused: unknown-user");
  CHECK(world.when(RemoveFleetMember{"acme/none", "ada"}) == "refused: unknown-fleet");
}
