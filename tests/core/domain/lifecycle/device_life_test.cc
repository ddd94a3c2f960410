#include <doctest/doctest.h>

#include "core/domain/lifecycle/lives.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

struct Lives {
  World world;
  FleetId fleet = world.fleet("thermo");
  ReleaseId release = world.release(fleet, {.commit = commit("a")});
  DeviceId device = world.device(fleet);

  [[nodiscard]] Lifecycle lifecycle(DeviceId id) const {
    return lifecycle_of(world.of(id), world.of(world.of(id).fleet));
  }
  [[nodiscard]] DeactivateDevices deactivate(bool offline = true) const {
    DeactivateDevices command{{uuid_text(device)}, {}, {}};
    if (offline) command.offline.push_back(device);
    return command;
  }
  [[nodiscard]] DeleteDevices deletes() const { return {{uuid_text(device)}, {}}; }
};

constexpr How confirmed{.by = {}, .reason = {}, .version = {}, .count = {}, .confirmed = true};

}  // namespace

TEST_CASE_FIXTURE(Lives,
                  "deactivate: offline, not of a starter fleet, with billing that is valid") {
  CHECK(world.when(deactivate()) == "refused: billing-invalid");
  CHECK(world.when(SetBilling{"acme", true}) == "refused: not-allowed");
  CHECK(world.perform(SetBilling{"acme", true}, {.by = world.root}) ==
        "OrganisationBillingSet 1 valid");
  CHECK(world.when(SetBilling{"acme", true}, {.by = world.root}) == "nothing");
  CHECK(world.when(deactivate(false)) == "refused: device-online");
  world.given(FleetTypeChanged{fleet, FleetType::starter, FleetType::microservices, 0});
  CHECK(world.when(deactivate()) == "refused: fleet-type-forbids");
  world.given(FleetTypeChanged{fleet, FleetType::essentials, FleetType::starter, 0});
  CHECK(world.perform(deactivate()) == "DeviceDeactivated 1 org=1");
  CHECK(world.when(deactivate()) == "nothing");
  CHECK(lifecycle(device) == Lifecycle::deactivated);
  CHECK(world.state().find(world.acme)->deactivation_fees == 1);
}

TEST_CASE_FIXTURE(Lives, "deactivated: in no count of the fleet, told nothing, back by its birth") {
  world.pinned(device, release);
  world.given(DeviceDeactivated{device, world.acme});
  CHECK(world.of(fleet).devices == 0);
  CHECK(world.of(fleet).pinned_devices == 0);
  CHECK(world.of(fleet).deactivated_devices == 1);
  CHECK(world.of(release).pinned_devices == 1);
  CHECK_FALSE(world.target(device).told);
  CHECK(world.target(device).changed.sequence == world.head());
  world.given(FleetPublicUrlsSet{fleet, true, 0});
  ReportDevice birth{.device = world.of(device).uuid};
  CHECK(world.when(birth, {.by = Actor{}}) == "nothing");
  birth.born = true;
  CHECK(world.perform(birth, {.by = Actor{}}) == "DeviceReactivated 1");
  CHECK(world.of(fleet).devices == 1);
  CHECK(world.of(fleet).pinned_devices == 1);
  CHECK(world.of(fleet).deactivated_devices == 0);
  CHECK(world.target(device).told);
  CHECK(world.target(device).changed.sequence == world.head());
  CHECK_FALSE(world.target(device).settings.public_url);  // It was away when that was set.
}

TEST_CASE_FIXTURE(Lives, "deactivated: name, note, tags, pins and type may change, nothing else") {
  world.given(DeviceDeactivated{device, world.acme});
  const std::string uuid = uuid_text(device);
  CHECK(world.when(RenameDevice{uuid, "Hall-7"}) == "DeviceRenamed 1 Hall-7");
  CHECK(world.when(NoteDevice{uuid, "x"}) == "DeviceNoted 1 x");
  CHECK(world.when(TagDevice{uuid, {{"a", "b"}}, {}}) == "DeviceTagged 1 a=b");
  CHECK(world.when(ChangeDeviceType{{uuid}, {}, "pi4-lite"}) == "DeviceTypeChanged 1 to=2 was=1");
  CHECK(world.when(RotateDeviceKey{uuid, false}) == "refused: device-not-active");
  CHECK(world.perform(PinDevices{{uuid}, "id:1"}) == "DevicePinned 1 release=1 was=-");
  CHECK(world.of(fleet).pinned_devices == 0);
  CHECK(world.perform(TrackFleet{{uuid}}) == "DeviceTrackingFleet 1 was=1");
  CHECK(world.of(fleet).pinned_devices == 0);
  CHECK(world.of(release).pinned_devices == 0);
  const Uuid same = world.of(device).uuid;
  CHECK(world.when(RegisterDevice{"acme/thermo", same, {}, {}}) == "refused: uuid-taken");
}

TEST_CASE_FIXTURE(Lives, "delete: confirmed, and then history only") {
  world.pinned(device, release);
  CHECK(world.when(deletes()) == "refused: confirmation-needed");
  CHECK(world.perform(deletes(), confirmed) == "DeviceDeleted 1 was=1");
  CHECK(world.of(fleet).devices == 0);
  CHECK(world.of(fleet).pinned_devices == 0);
  CHECK(world.of(release).pinned_devices == 0);
  CHECK_FALSE(world.target(device).told);
  CHECK(world.when(deletes(), confirmed) == "refused: unknown-device");
  CHECK(world.when(RenameDevice{uuid_text(device), "Hall-7"}) == "refused: unknown-device");
  CHECK(world.when(ReportDevice{.device = world.of(device).uuid}, {.by = Actor{}}) ==
        "refused: unknown-device");
}

TEST_CASE_FIXTURE(Lives, "delete: its uuid registers as a new life that knows of the old one") {
  world.given(DeviceTagged{device, {{"a", "b"}}, {}});
  world.perform(deletes(), confirmed);
  const Uuid same = world.of(device).uuid;
  CHECK(world.perform(RegisterDevice{"acme/thermo", same, {}, {}}) ==
        "DeviceRegistered 2 " + to_string(same) + " fleet=1 device-type=1 name=0000000 previous=1");
  CHECK(world.state().find_device(same)->id == DeviceId{2});
  CHECK(world.of(DeviceId{2}).tags.empty());
  CHECK(world.of(DeviceId{2}).key_minimum == world.head());
}

TEST_CASE_FIXTURE(Lives, "device type: another architecture is confirmed, where it cannot run") {
  const auto change = [&](const std::string& type) {
    return ChangeDeviceType{{uuid_text(device)}, {}, type};
  };
  CHECK(world.when(change("pi4")) == "nothing");
  CHECK(world.when(change("none")) == "refused: unknown-device-type");
  CHECK(world.when(change("nuc")) == "refused: confirmation-needed");
  CHECK(world.perform(change("nuc"), confirmed) == "DeviceTypeChanged 1 to=3 was=1");
  CHECK(world.perform(change("pi4")) == "DeviceTypeChanged 1 to=1 was=3");
}

TEST_CASE_FIXTURE(Lives, "orphaned: seen and deleted by the organisation's administrators only") {
  const Actor member = world.user("member");
  world.member(fleet, member, Role::administrator);
  world.given(FleetDeleted{fleet, 1});
  CHECK(lifecycle(device) == Lifecycle::orphaned);
  CHECK_FALSE(world.target(device).told);
  CHECK(world.target(device).changed.sequence == world.head());
  const RenameDevice rename{uuid_text(device), "Hall-7"};
  CHECK(world.when(rename) == "refused: device-orphaned");
  CHECK(world.when(rename, {.by = member}) == "refused: unknown-device");
  CHECK(world.when(deletes(), {.by = member, .confirmed = true}) == "refused: unknown-device");
  CHECK(world.perform(deletes(), confirmed) == "DeviceDeleted 1 was=-");
  CHECK(lifecycle(device) == Lifecycle::deleted);
}

TEST_CASE_FIXTURE(Lives, "orphaned: its uuid registers again, in any fleet") {
  world.given(FleetDeleted{fleet, 1});
  world.fleet("second");
  const Uuid same = world.of(device).uuid;
  CHECK(world.perform(RegisterDevice{"acme/second", same, {}, {}}) ==
        "DeviceRegistered 2 " + to_string(same) + " fleet=2 device-type=1 name=0000000 previous=1");
}
