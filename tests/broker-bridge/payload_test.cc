#include "broker-bridge/channel/payload.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/domain_world.h"

namespace muster {
namespace {

const LogIdentity identity{.log = *parse_uuid("0123456789abcdef0123456789abcdef"),
                           .epoch = 1'732'233'600};

/// What a device of `world` is told.
std::string payload_for(const test::World& world, DeviceId device) {
  return target_payload(identity, world.of(world.of(device).fleet), world.target(device));
}

struct Thermo {
  test::World world;
  FleetId fleet = world.fleet("thermo");
  DeviceId device = world.device(fleet);
};

}  // namespace

TEST_CASE("payload: a device without a release is told that there is none") {
  const Thermo given;
  CHECK(payload_for(given.world, given.device) ==
        R"({"v":1,"epoch":1732233600,"seq":10,)"
        R"("fleet":{"id":1,"uuid":"00000000000000000000000000000000"},"policy":"tracking",)"
        R"("release":null,"after_action":null,"settings":{"public_url":false,"local_mode":false,)"
        R"("lock_override":false,"support_until":null},"at":"2023-11-14T22:13:30.000Z"})");
}

TEST_CASE("payload: a release is told with its manifest as it is") {
  Thermo given;
  const ReleaseId release = given.world.release(
      given.fleet, {.commit = test::commit("a1"), .semver = "1.4.2", .manifest = R"({"k":"\"é"})"});
  given.world.pinned(given.device, release);
  CHECK(payload_for(given.world, given.device) ==
        R"({"v":1,"epoch":1732233600,"seq":12,)"
        R"("fleet":{"id":1,"uuid":"00000000000000000000000000000000"},"policy":"pinned",)"
        R"("release":{"id":1,"commit":"a100000000000000000000000000000000000000",)"
        R"("semver":"1.4.2","draft":false,"manifest":{"k":"\"é"}},)"
        R"("after_action":null,"settings":{"public_url":false,"local_mode":false,)"
        R"("lock_override":false,"support_until":null},"at":"2023-11-14T22:13:32.000Z"})");
}

TEST_CASE("payload: a draft without a manifest says so, and is JSON") {
  Thermo given;
  const ReleaseId release = given.world.release(
      given.fleet, {.commit = test::commit("b2"), .semver = "2.0.0-rc.1", .revision = {}});
  given.world.pinned(given.fleet, release);
  const auto json = nlohmann::json::parse(payload_for(given.world, given.device));
  CHECK(json["policy"] == "tracking");
  CHECK(json["release"]["draft"] == true);
  CHECK(json["release"]["manifest"].is_null());
  CHECK(json["release"]["semver"] == "2.0.0-rc.1");
}

TEST_CASE("payload: the same state gives the same bytes, whatever else happened") {
  Thermo given;
  const ReleaseId first = given.world.release(given.fleet, {.commit = test::commit("a1")});
  const ReleaseId second = given.world.release(given.fleet, {.commit = test::commit("b2")});
  given.world.pinned(given.device, first);
  const std::string before = payload_for(given.world, given.device);
  given.world.given(DeviceRenamed{given.device, "another"});
  given.world.pinned(given.fleet, second);
  given.world.device(given.fleet);
  CHECK(payload_for(given.world, given.device) == before);
}

TEST_CASE("payload: the bridge's own messages") {
  const Uuid instance = *parse_uuid("00000000000000000000000000000007");
  CHECK(bridge_payload(identity, {.online = true, .instance = instance, .spread_s = 5}) ==
        R"({"online":true,"log":"0123456789abcdef0123456789abcdef",)"
        R"("instance":"00000000000000000000000000000007","epoch":1732233600,"spread_s":5})");
  CHECK(marker_payload(identity, Sequence{8'123}) ==
        R"({"log":"0123456789abcdef0123456789abcdef","epoch":1732233600,"low_water":8123})");
}

}  // namespace muster
