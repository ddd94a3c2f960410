#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Registering devices, describing them, and what they report.

namespace {

struct OneDevice {
  World world;
  FleetId fleet = world.fleet("thermo");
  DeviceId device = world.device(fleet);

  [[nodiscard]] std::uint64_t version() const { return world.of(device).version.value(); }
  std::string report(ReportDevice report) {
    report.device = world.of(device).uuid;
    return world.perform(std::move(report), {.by = Actor{}});
  }
};

RegisterDevice registration(std::uint32_t number, std::string type = {}, std::string name = {}) {
  return {"acme/thermo", *parse_uuid(uuid_text(number)), std::move(type), std::move(name)};
}

const std::string uuid = uuid_text(1);

}  // namespace

TEST_CASE_FIXTURE(OneDevice, "device register: type and name have defaults, the target is there") {
  CHECK(world.when(registration(2, "pi4-lite", "Hall-7")) ==
        "DeviceRegistered 2 " + uuid_text(2) + " fleet=1 device-type=2 name=Hall-7");
  CHECK(world.perform(registration(2)) ==
        "DeviceRegistered 2 " + uuid_text(2) + " fleet=1 device-type=1 name=0000000");
  CHECK(world.of(fleet).devices == 2);
  const ReleaseId release = world.release(fleet, {.commit = commit("a")});
  world.targets(fleet, release);
  world.perform(registration(3));
  CHECK(world.target(DeviceId{3}).release->id == release);
}

TEST_CASE_FIXTURE(OneDevice, "device register: what is wrong is refused with its own code") {
  CHECK(world.when(registration(1)) == "refused: uuid-taken");
  CHECK(world.when(registration(2, "nuc")) == "refused: incompatible-architecture");
  CHECK(world.when(registration(2, "toaster")) == "refused: unknown-device-type");
  CHECK(world.when(registration(2, {}, "abc")) == "refused: invalid-name");
  RegisterDevice nowhere = registration(2);
  nowhere.fleet = "acme/none";
  CHECK(world.when(nowhere) == "refused: unknown-fleet");
}

TEST_CASE_FIXTURE(OneDevice, "device register: a uuid taken elsewhere is taken, no holder named") {
  const Actor stranger = world.user("stranger");
  world.member(world.fleet("second"), stranger, Role::fleet_operator);
  RegisterDevice same = registration(1);
  same.fleet = "acme/second";
  const auto refused = world.decision(same, {.by = stranger});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == RejectionCode::uuid_taken);
  CHECK(refused.error().candidates.empty());
  CHECK(refused.error().rule.find("thermo") == std::string::npos);
}

TEST_CASE_FIXTURE(OneDevice, "device rename: 4 to 100 characters; the same name is no event") {
  CHECK(world.when(RenameDevice{uuid, "Hall-7"}) == "DeviceRenamed 1 Hall-7");
  CHECK(world.when(RenameDevice{uuid, "device-1"}) == "nothing");
  CHECK(world.when(RenameDevice{uuid, "a b c"}) == "refused: invalid-name");
  CHECK(world.when(RenameDevice{uuid, "Hall-7"}, {.version = 1}) == "refused: stale-version");
  CHECK(world.when(RenameDevice{uuid_text(9), "Hall-7"}) == "refused: unknown-device");
  CHECK(world.when(RenameDevice{"1", "Hall-7"}) == "refused: invalid-uuid");
}

TEST_CASE_FIXTURE(OneDevice, "device note: set, emptied, at most 10,000 bytes") {
  CHECK(world.when(NoteDevice{uuid, ""}) == "nothing");
  CHECK(world.perform(NoteDevice{uuid, "behind the door"}) == "DeviceNoted 1 behind the door");
  CHECK(world.when(NoteDevice{uuid, "behind the door"}) == "nothing");
  CHECK(world.when(NoteDevice{uuid, ""}) == "DeviceNoted 1 ");
  CHECK(world.when(NoteDevice{uuid, std::string(10'001, 'n')}) == "refused: invalid-field");
  CHECK(world.when(NoteDevice{uuid, "x"}, {.version = 1}) == "refused: stale-version");
}

TEST_CASE_FIXTURE(OneDevice, "device tag: only what changes is in the event") {
  CHECK(world.perform(TagDevice{uuid, {{"site", "north"}, {"room", "7"}}, {}}) ==
        "DeviceTagged 1 site=north room=7");
  CHECK(world.of(device).tags == std::vector<Tag>{{"room", "7"}, {"site", "north"}});
  CHECK(world.when(TagDevice{uuid, {{"site", "north"}}, {}}) == "nothing");
  CHECK(world.when(TagDevice{uuid, {}, {"floor"}}) == "nothing");
  CHECK(world.when(TagDevice{uuid, {}, {}}) == "nothing");
  CHECK(world.perform(TagDevice{uuid, {{"site", "south"}, {"new", ""}}, {"room", "floor"}}) ==
        "DeviceTagged 1 site=south new= -room");
  CHECK(world.of(device).tags == std::vector<Tag>{{"new", ""}, {"site", "south"}});
}

TEST_CASE_FIXTURE(OneDevice, "device tag: what is wrong is refused") {
  struct Case {
    std::string what;
    TagDevice command;
  };
  const std::vector<Case> cases{
      {"empty key", {uuid, {{"", "1"}}, {}}},
      {"space in a key", {uuid, {{"a b", "1"}}, {}}},
      {"long value", {uuid, {{"a", std::string(256, 'v')}}, {}}},
      {"set twice", {uuid, {{"a", "1"}, {"a", "2"}}, {}}},
      {"set and removed", {uuid, {{"a", "1"}}, {"a"}}},
      {"removed twice", {uuid, {}, {"a", "a"}}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.what);
    CHECK(world.when(one.command) == "refused: invalid-field");
  }
  CHECK(world.when(TagDevice{uuid, {{"a", "1"}}, {}}, {.version = 1}) == "refused: stale-version");
}

TEST_CASE_FIXTURE(OneDevice, "device tag: at most 100, and a full device may change one of them") {
  TagDevice full{uuid, {}, {}};
  for (int i = 0; i < 100; ++i) full.set.push_back({fmt::format("key-{}", i), "1"});
  world.perform(full);
  REQUIRE(world.of(device).tags.size() == 100);
  CHECK(world.when(TagDevice{uuid, {{"more", "1"}}, {}}) == "refused: invalid-field");
  CHECK(world.when(TagDevice{uuid, {{"key-7", "2"}}, {}}) == "DeviceTagged 1 key-7=2");
  CHECK(world.when(TagDevice{uuid, {{"more", "1"}}, {"key-7"}}) == "DeviceTagged 1 more=1 -key-7");
}

TEST_CASE_FIXTURE(OneDevice, "device report: an event only where something changed") {
  const std::string running = commit("a");
  CHECK(report({.running_commit = running}) == "DeviceRunningChanged 1 " + running);
  CHECK(report({.running_commit = running}) == "nothing");
  CHECK(report({.running_commit = ""}) == "DeviceRunningChanged 1 ");
  const ReportDevice::Software software{"2.12.0", OsVariant::development, "1.1.0"};
  CHECK(report({.software = software, .boot = "b1"}) ==
        "DeviceSoftwareChanged 1 os=2.12.0 dev agent=1.1.0; DeviceBooted 1 b1");
  CHECK(report({.running_commit = "", .software = software, .boot = "b1"}) == "nothing");
  CHECK(report({.software = ReportDevice::Software{.agent_version = "1.2.0"}}) ==
        "DeviceSoftwareChanged 1 os=2.12.0 dev agent=1.2.0");
  CHECK(report({.boot = "b2"}) == "DeviceBooted 1 b2");
  CHECK(report({}) == "nothing");
}

TEST_CASE_FIXTURE(OneDevice, "device encoding: the last one said counts, JSON if none was") {
  CHECK(world.of(device).encoding == Encoding::json);
  CHECK(report({.encoding = Encoding::json}) == "nothing");
  CHECK(report({.encoding = Encoding::flatbuffers}) == "DeviceEncodingChanged 1 flatbuffers");
  CHECK(report({.encoding = Encoding::flatbuffers}) == "nothing");
  CHECK(report({.boot = "b2"}) == "DeviceBooted 1 b2");
  CHECK(world.of(device).encoding == Encoding::flatbuffers);
  RegisterDevice asked = registration(2);
  asked.encoding = Encoding::flatbuffers;
  CHECK(world.perform(asked) ==
        "DeviceRegistered 2 " + uuid_text(2) + " fleet=1 device-type=1 name=0000000 flatbuffers");
  CHECK(world.of(DeviceId{2}).encoding == Encoding::flatbuffers);
}

TEST_CASE_FIXTURE(OneDevice, "device encoding: another message, but no other target") {
  const Change before = world.target(device).changed;
  CHECK(message_changed(world.of(device), world.target(device)) == before.sequence);
  report({.encoding = Encoding::flatbuffers});
  CHECK(world.target(device).changed == before);
  CHECK(message_changed(world.of(device), world.target(device)) == world.head());
  world.targets(fleet, world.release(fleet, {.commit = commit("a")}));
  CHECK(message_changed(world.of(device), world.target(device)) == world.head());
}

TEST_CASE_FIXTURE(OneDevice, "device report: it changes no version") {
  const std::uint64_t before = version();
  report({.running_commit = commit("a"), .software = ReportDevice::Software{}, .boot = "b"});
  CHECK(version() == before);
  world.perform(RenameDevice{uuid, "Hall-7"});
  CHECK(version() == world.head().value());
}

TEST_CASE_FIXTURE(OneDevice, "device report: what is wrong is refused, and users report nothing") {
  const std::string too_long(65, 'x');
  CHECK(report({.running_commit = "main"}) == "refused: invalid-field");
  CHECK(report({.boot = too_long}) == "refused: invalid-field");
  CHECK(report({.software = ReportDevice::Software{.os_version = too_long}}) ==
        "refused: invalid-field");
  CHECK(report({.software = ReportDevice::Software{.agent_version = too_long}}) ==
        "refused: invalid-field");
  CHECK(world.when(ReportDevice{.device = world.of(device).uuid, .boot = "b"}) ==
        "refused: not-allowed");
  CHECK(world.when(ReportDevice{.device = *parse_uuid(uuid_text(9))}, {.by = Actor{}}) ==
        "refused: unknown-device");
}
