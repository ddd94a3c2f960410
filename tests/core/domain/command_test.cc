#include <doctest/doctest.h>

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/decide/rejection.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// What holds for all commands, whatever they ask.

namespace {

const Uuid fresh{};
const Initialise initialise{{}, 1, "admin", "first", {}};
const CreateRelease release{"acme/thermo", "0123456789", {}, ReleaseStatus::running, {}, {}, {}};

}  // namespace

TEST_CASE("commands: what has no version yet cannot be expected at one") {
  World world;
  world.fleet("thermo");
  const std::vector<CommandBody> commands{
      initialise,
      AcceptClock{},
      AddDeviceType{"pi5", {}, "aarch64", true},
      CreateOrganisation{"globex", {}},
      CreateUser{"ada", {}},
      IssueToken{"", "laptop", {}, {}, {}},
      CreateFleet{"acme/fresh", "pi4", FleetType::starter, {}},
      release,
      CreateView{"awake", "online", {}},
      RegisterDevice{"acme/thermo", fresh, {}, {}},
      ReportDevice{.device = fresh},
      RetireDeviceKeys{.device = fresh},
      IssueProvisioningKey{.fleet = "acme/thermo"},
  };
  for (const CommandBody& command : commands) {
    CAPTURE(command.index());
    CHECK(world.when(command, {.version = 1}) == "refused: invalid-field");
  }
}

TEST_CASE("commands: only those about several devices can be expected to count some") {
  World world;
  world.device(world.fleet("thermo"));
  const ReleaseName named{"acme/thermo", "id:1"};
  const std::string uuid = uuid_text(1);
  const std::vector<CommandBody> commands{
      AcceptClock{},
      SetUserEnabled{"owner", true},
      RevokeToken{TokenId{2}},
      CreateView{"awake", "online", {}},
      RemoveView{"awake"},
      SetFleetMember{"acme/thermo", "owner", Role::observer},
      RemoveFleetMember{"acme/thermo", "owner"},
      release,
      FinishRelease{named, ReleaseStatus::failed, {}},
      FinalizeRelease{named},
      InvalidateRelease{named},
      ValidateRelease{named},
      DeleteRelease{named},
      RenameDevice{uuid, "Hall-7"},
      NoteDevice{uuid, "note"},
      TagDevice{uuid, {}, {}},
  };
  for (const CommandBody& command : commands) {
    CAPTURE(command.index());
    CHECK(world.when(command, {.count = 1}) == "refused: invalid-field");
  }
}

TEST_CASE("commands: a reason has at most 1,000 bytes") {
  World world;
  world.fleet("thermo");
  const TrackLatest track{"acme/thermo"};
  CHECK(world.when(track, {.reason = std::string(1'000, 'r')}) == "nothing");
  CHECK(world.when(track, {.reason = std::string(1'001, 'r')}) == "refused: invalid-field");
}

TEST_CASE("commands: users are expected at their version too") {
  const World world;
  CHECK(world.when(SetUserEnabled{"owner", false}, {.by = world.root, .version = 1}) ==
        "refused: stale-version");
}

TEST_CASE("rejections: every code has a word of its own, in lower case") {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(RejectionCode::last_administrator); ++i) {
    const std::string_view word = code_of(static_cast<RejectionCode>(i));
    CAPTURE(word);
    CHECK(words.insert(word).second);
    for (const char c : word) CHECK((c == '-' || std::islower(static_cast<unsigned char>(c)) != 0));
  }
}

TEST_CASE("rejections: their class says what kind of answer they are") {
  CHECK(class_of(RejectionCode::not_allowed) == RejectionClass::forbidden);
  CHECK(class_of(RejectionCode::unknown_device) == RejectionClass::unknown);
  CHECK(class_of(RejectionCode::invalid_semver) == RejectionClass::invalid);
  CHECK(class_of(RejectionCode::uuid_taken) == RejectionClass::conflict);
  CHECK(class_of(RejectionCode::stale_version) == RejectionClass::precondition);
}

TEST_CASE("rejections: each names the entity, the rule and the way out") {
  World world;
  world.fleet("thermo");
  const std::vector<CommandBody> refused{
      TrackLatest{"acme/none"},
      PinFleet{"acme/thermo", "id:1"},
      PinDevices{{}, "id:1"},
      RenameDevice{"x", "Hall-7"},
      RevokeToken{TokenId{9}},
      AcceptClock{},
      RenameDevice{uuid_text(1), "abc"},
      initialise,
  };
  for (const CommandBody& command : refused) {
    CAPTURE(command.index());
    const auto decided = world.decision(command);
    REQUIRE_FALSE(decided.has_value());
    CHECK_FALSE(decided.error().entity.empty());
    CHECK_FALSE(decided.error().rule.empty());
    CHECK_FALSE(decided.error().remedy.empty());
  }
}
