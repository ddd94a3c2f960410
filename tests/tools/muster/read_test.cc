#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

namespace {

const std::string old_commit = "9f3c2a1b0e4d9f3c2a1b0e4d9f3c2a1b0e4d9f3c";
const std::string new_commit = "1111111b0e4d9f3c2a1b0e4d9f3c2a1b0e4d9f3c";

}  // namespace

TEST_CASE("read: all pages of a list are fetched") {
  CannedServer server;
  server.answer("/v1/users?limit=1000",
                R"({"items":[{"username":"a"},{"username":"b"}],"next":2})");
  server.answer("/v1/users?limit=1000&after=2", R"({"items":[{"username":"c"}],"next":"x/y"})");
  server.answer("/v1/users?limit=1000&after=x%2Fy", R"({"items":[],"next":null})");
  const auto ran = server.run({"user", "list", "--json"});
  CHECK(ran.exit_code == 0);
  const auto items = nlohmann::json::parse(ran.out);
  REQUIRE(items.is_array());
  CHECK(items.size() == 3);
  CHECK(items[2].at("username") == "c");
  CHECK(server.asked().size() == 3);
}

TEST_CASE("read: a list that does not go on ends with an error") {
  CannedServer server;
  server.answer(200, R"({"items":[{}],"next":"same"})");
  const auto ran = server.run({"org", "list"});
  CHECK(ran.exit_code == 1);
  CHECK(server.asked().size() == 2);
}

TEST_CASE("read: an answer of something else is an error, not a crash") {
  CannedServer server;
  for (const char* odd : {"<html>", "[]", "3", R"({"items":{}})", R"({"items":null})", ""}) {
    server.answer(200, odd);
    CAPTURE(odd);
    const auto ran = server.run({"fleet", "list"});
    CHECK(ran.exit_code == 1);
    CHECK(ran.err.starts_with("muster: "));
  }
  server.answer(200, R"({"items":[3,null,"x",{"slug":7,"devices":"many"}],"next":null})");
  CHECK(server.run({"fleet", "list"}).exit_code == 0);
  CHECK(server.run({"device", "list"}).exit_code == 0);
  server.answer(500, "oops");
  const auto ran = server.run({"fleet", "show", "acme/thermo"});
  CHECK(ran.exit_code == 1);
  CHECK(ran.err.find("status 500") != std::string::npos);
}

TEST_CASE("read: the list of devices shows target, policy and what runs") {
  CannedServer server;
  server.answer("/v1/devices?fleet=acme%2Fthermo&limit=1000",
                R"({"items":[
    {"uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1","name":"one","fleet":"acme/thermo",
     "policy":"tracking","fleet_policy":"pinned","target_release":")" +
                    old_commit + R"(","target_version":"1.2.0","running_release":")" + old_commit +
                    R"(","online":true,"flags":[],"lifecycle":"active"},
    {"uuid":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2","name":"two","fleet":"acme/thermo",
     "policy":"pinned","fleet_policy":"pinned","target_release":")" +
                    new_commit + R"(","online":null,"flags":["pinned-release-invalidated"]}],
    "next":null})");
  CHECK(server.run({"device", "list", "--fleet", "acme/thermo"}).out ==
        "uuid          name  fleet        target release   release policy           running release"
        "  online  flags                       lifecycle\n"
        "aaaaaaaaaaaa  one   acme/thermo  9f3c2a1 (1.2.0)  tracking (fleet pinned)  9f3c2a1        "
        "  yes     -                           active\n"
        "bbbbbbbbbbbb  two   acme/thermo  1111111          pinned (fleet pinned)    -              "
        "  -       pinned-release-invalidated  -\n");
}

TEST_CASE("read: uuids that look alike are shown as far as they differ") {
  CannedServer server;
  server.answer(200, R"({"items":[{"uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"},
                                  {"uuid":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2"}],"next":null})");
  const auto out = server.run({"device", "list"}).out;
  CHECK(out.find("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2") != std::string::npos);
}

TEST_CASE("read: the list of fleets marks a target that is not eligible") {
  CannedServer server;
  server.answer(200, R"({"items":[{"slug":"acme/thermo","device_type":"nuc","policy":"track-latest",
      "target_release":")" +
                         old_commit + R"(","target_version":"1.2.0","target_eligible":false,
      "devices":5,"pinned_devices":1}],"next":null})");
  CHECK(server.run({"fleet", "list"}).out ==
        "slug         device type  release policy  target release                 devices  "
        "pinned devices\n"
        "acme/thermo  nuc          track-latest    9f3c2a1 (1.2.0), not eligible  5        1\n");
}

TEST_CASE("read: an empty list says so, and is [] for programs") {
  CannedServer server;
  server.answer(200, R"({"items":[],"next":null})");
  CHECK(server.run({"device", "list"}).out == "no devices that you may see\n");
  CHECK(server.run({"device", "list", "--json"}).out == "[]\n");
}

TEST_CASE("read: one thing is shown line by line, or as the server has it") {
  CannedServer server;
  server.answer(200, R"({"slug":"acme/thermo","target_release":null,"devices":5})");
  CHECK(server.run({"fleet", "show", "acme/thermo"}).out ==
        "slug            acme/thermo\ntarget release  -\ndevices         5\n");
  CHECK(server.run({"fleet", "show", "acme/thermo", "--json"}).out ==
        "{\n  \"slug\": \"acme/thermo\",\n  \"target_release\": null,\n  \"devices\": 5\n}\n");
  CHECK(server.asked() == Words(2, "GET /v1/fleets/acme/thermo"));
}

TEST_CASE("read: the broker's status is a part of the server's") {
  CannedServer server;
  server.answer("/v1/status", R"({"version":"0.1.0","broker":{"connected":true,"low_water":7}})");
  CHECK(server.run({"broker", "status"}).out == "connected  yes\nlow water  7\n");
  CHECK(server.run({"status"}).out ==
        "version           0.1.0\nbroker.connected  yes\nbroker.low water  7\n");
}
