#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

struct FleetLife {
  World world;
  FleetId fleet = world.fleet("thermo");

  void is(FleetType type) { world.given(FleetTypeChanged{fleet, type, world.of(fleet).type, 0}); }
  void runs(DeviceId device, const std::string& os) {
    world.given(DeviceSoftwareChanged{device, os, OsVariant::production, "1.1.0"});
  }
};

/// `owner` gives acme/thermo to the organisation zeta, which `other` administers.
struct Transfer {
  World world;
  FleetId fleet = world.fleet("thermo");
  Actor other = world.user("other");
  OrganisationId zeta{2};
  TransferFleet transfer{"acme/thermo", "zeta"};

  Transfer() { world.given(OrganisationCreated{zeta, "zeta", "Zeta", other.user}); }

  FleetId placeholder() {
    const FleetId id = world.state().next_fleet();
    world.given(
        FleetCreated{id, {}, zeta, "thermo", "zeta/thermo", DeviceTypeId{3}, FleetType::starter});
    return id;
  }
};

}  // namespace

TEST_CASE_FIXTURE(FleetLife, "fleet type: too old an OS is refused, naming the devices") {
  is(FleetType::legacy);
  const DeviceId old = world.device(fleet);
  const DeviceId fine = world.device(fleet);
  world.device(fleet);  // Never said what it runs.
  runs(old, "2.10.9");
  runs(fine, "2.11.0");
  CHECK(world.when(ChangeFleetType{"acme/thermo", FleetType::classic}) ==
        "FleetTypeChanged 1 classic was=legacy os-unknown=0");
  const auto refused = world.decision(ChangeFleetType{"acme/thermo", FleetType::essentials});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == RejectionCode::os_too_old);
  CHECK(refused.error().candidates == std::vector<std::string>{uuid_text(old) + " (2.10.9)"});
  runs(old, "2.11.1");
  CHECK(world.perform(ChangeFleetType{"acme/thermo", FleetType::essentials}) ==
        "FleetTypeChanged 1 essentials was=legacy os-unknown=1");
  CHECK(world.when(ChangeFleetType{"acme/thermo", FleetType::essentials}) == "nothing");
}

TEST_CASE_FIXTURE(FleetLife, "fleet rename: the slug follows, and the old one is free at once") {
  CHECK(world.perform(RenameFleet{"acme/thermo", "Kiosks"}) ==
        "FleetRenamed 1 Kiosks acme/kiosks was=acme/thermo");
  CHECK(world.state().find_fleet("acme/thermo") == nullptr);
  CHECK(world.state().find_fleet("acme/kiosks")->id == fleet);
  CHECK(world.when(RenameFleet{"acme/kiosks", "Kiosks"}) == "nothing");
  world.fleet("thermo");
  CHECK(world.when(RenameFleet{"acme/kiosks", "Thermo"}) == "refused: slug-taken");
  CHECK(world.when(RenameFleet{"acme/kiosks", "a b"}) == "refused: invalid-name");
  CHECK(world.when(RenameFleet{"acme/kiosks", "KIOSKS"}) ==
        "FleetRenamed 1 KIOSKS acme/kiosks was=acme/kiosks");
}

TEST_CASE_FIXTURE(FleetLife, "fleet rename: classic and legacy fleets are not") {
  for (const FleetType type : {FleetType::classic, FleetType::legacy}) {
    is(type);
    const auto refused = world.decision(RenameFleet{"acme/thermo", "Kiosks"});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == RejectionCode::fleet_type_forbids);
    CHECK(refused.error().remedy.find("change the fleet type first") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(FleetLife, "fleet delete: with devices it is confirmed, and counted") {
  world.device(fleet);
  world.given(DeviceDeactivated{world.device(fleet), world.acme});
  const DeleteFleet deletes{"acme/thermo"};
  const auto refused = world.decision(deletes);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == RejectionCode::confirmation_needed);
  CHECK(refused.error().remedy.find("device move") != std::string::npos);
  CHECK(world.when(deletes, {.confirmed = true}) == "refused: confirmation-needed");
  CHECK(world.when(deletes, {.count = 1, .confirmed = true}) == "refused: count-mismatch");
  CHECK(world.perform(deletes, {.count = 2, .confirmed = true}) == "FleetDeleted 1 devices=2");
  CHECK(world.when(deletes) == "refused: unknown-fleet");
  CHECK(world.when(TrackLatest{"acme/thermo"}) == "refused: unknown-fleet");
  world.fleet("thermo");
  CHECK(world.state().find_fleet("acme/thermo")->id == FleetId{2});
}

TEST_CASE_FIXTURE(FleetLife, "fleet delete: its provisioning keys are good for nothing") {
  world.given(ProvisioningKeyIssued{
      ProvisioningKeyId{1}, fleet, "line", {}, 5, world.now() + std::chrono::hours{1}});
  CHECK(world.perform(DeleteFleet{"acme/thermo"}) == "FleetDeleted 1 devices=0");
  RegisterDevice command{.fleet = {}, .uuid = *parse_uuid(uuid_text(9))};
  command.provisioning_key = ProvisioningKeyId{1};
  CHECK(world.when(command, {.by = Actor{}}) == "refused: provisioning-key-revoked");
}

TEST_CASE_FIXTURE(FleetLife, "fleet life: all of it is for its administrators") {
  const Actor developer = world.user("developer");
  world.member(fleet, developer, Role::developer);
  const std::vector<CommandBody> commands{
      ChangeFleetType{"acme/thermo", FleetType::essentials}, RenameFleet{"acme/thermo", "Kiosks"},
      DeleteFleet{"acme/thermo"}, SetFleetPublicUrls{"acme/thermo", true},
      GrantFleetSupport{"acme/thermo", world.now() + std::chrono::hours{1}}};
  const Actor stranger = world.user("stranger");
  for (const CommandBody& command : commands) {
    CAPTURE(command.index());
    CHECK(world.when(command, {.by = developer}) == "refused: not-allowed");
    CHECK(world.when(command, {.by = stranger}) == "refused: unknown-fleet");
    CHECK(world.decision(command).has_value());
  }
}

TEST_CASE_FIXTURE(Transfer, "transfer: each missing step is named") {
  const auto missing = [&](const std::string& words) {
    const auto refused = world.decision(transfer);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == RejectionCode::transfer_not_prepared);
    CAPTURE(refused.error().remedy);
    CHECK(refused.error().remedy.find(words) != std::string::npos);
  };
  missing("create the empty fleet zeta/thermo");
  const FleetId place = placeholder();
  missing("to add you to it");
  world.member(place, world.owner, Role::fleet_operator);
  missing("make you developer in zeta/thermo");
  world.member(place, world.owner, Role::developer);
  const DeviceId device = world.device(place);
  missing("empty it");
  world.given(DeviceDeleted{device, {}});
  const ReleaseId release = world.release(place, {.commit = commit("a")});
  missing("empty it");
  world.given(ReleaseDeleted{release});
  CHECK(world.decision(transfer).has_value());
}

TEST_CASE_FIXTURE(Transfer, "transfer: who may, and to whom") {
  const FleetId place = placeholder();
  const Actor administrator = world.user("fleet-administrator");
  world.member(fleet, administrator, Role::administrator);
  world.member(place, administrator, Role::administrator);
  CHECK(world.when(transfer, {.by = administrator}) == "refused: not-allowed");
  CHECK(world.when(transfer, {.by = world.user("stranger")}) == "refused: unknown-fleet");
  CHECK(world.when(TransferFleet{"acme/thermo", "acme"}) == "refused: invalid-field");
  CHECK(world.when(TransferFleet{"acme/thermo", "none"}) == "refused: transfer-not-prepared");
}

TEST_CASE_FIXTURE(Transfer, "transfer: ids, devices and members stay; devices are told nothing") {
  const DeviceId device = world.device(fleet);
  const Actor member = world.user("member");
  world.member(fleet, member, Role::observer);
  world.member(fleet, world.owner, Role::developer);
  const FleetId place = placeholder();
  world.member(place, world.owner, Role::developer);
  world.member(place, world.user("keeper"), Role::observer);
  const Target before = world.target(device);
  CHECK(world.perform(transfer) ==
        "FleetTransferred 1 to=2 zeta/thermo was=1 acme/thermo placeholder=2 leaver=2");
  const Fleet& moved = world.of(fleet);
  CHECK(moved.organisation == zeta);
  CHECK(moved.slug == "zeta/thermo");
  CHECK(moved.name == "thermo");
  CHECK(moved.device_type == DeviceTypeId{1});
  CHECK(moved.members == std::vector<std::pair<UserId, Role>>{{member.user, Role::observer}});
  CHECK(world.of(place).is_deleted());
  CHECK(world.of(place).members.empty());
  CHECK(world.state().find_fleet("zeta/thermo")->id == fleet);
  CHECK(world.state().find_fleet("acme/thermo") == nullptr);
  CHECK(world.target(device).changed == before.changed);
  CHECK(world.target(device).told);
  const RenameDevice rename{uuid_text(device), "Hall-7"};
  CHECK(world.when(rename) == "refused: unknown-device");
  CHECK(world.when(rename, {.by = other}) == "DeviceRenamed 1 Hall-7");
}
