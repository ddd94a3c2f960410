#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/base/ulid.h"
#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

namespace {

const std::string commit = "9f3c2a1b0e4d9f3c2a1b0e4d9f3c2a1b0e4d9f3c";

std::string header(const CannedServer& server, const char* name) {
  return std::string(server.last().headers.value(name));
}

}  // namespace

TEST_CASE("change: a fleet pin is sent as written, with token and a fresh key") {
  CannedServer server;
  CHECK(server.run({"fleet", "pin", "acme/thermo", "1.4.2+rev1"}).exit_code == 0);
  CHECK(server.asked() == Words{R"(POST /v1/fleets/acme/thermo/pin {"release":"1.4.2+rev1"})"});
  CHECK(header(server, "authorization") == "Bearer s3cret-token");
  CHECK(header(server, "if-match").empty());
  const auto first = header(server, "idempotency-key");
  CHECK(muster::parse_ulid(first).has_value());
  server.run({"fleet", "pin", "acme/thermo", "1.4.2+rev1"});
  CHECK(header(server, "idempotency-key") != first);
}

TEST_CASE("change: the options of every change go where the server looks for them") {
  CannedServer server;
  server.run({"fleet", "pin", "acme/thermo", "9f3c2a1", "--reason", "say \"why\"", "--expect", "41",
              "--expect-count", "5", "--yes", "--dry-run", "--idempotency-key", "mine"});
  CHECK(server.asked() == Words{R"(POST /v1/fleets/acme/thermo/pin?dry_run=true )"
                                R"({"release":"9f3c2a1","reason":"say \"why\"","confirm":true,)"
                                R"("expect_count":5})"});
  CHECK(header(server, "idempotency-key") == "mine");
  CHECK(header(server, "if-match") == "\"41\"");
}

TEST_CASE("change: the other nouns map to their requests") {
  CannedServer server;
  server.run({"org", "create", "acme", "--name", "Acme Ltd"});
  server.run(
      {"user", "create", "carol", "--instance-role", "auditor", "--instance-role", "support"});
  server.run({"user", "disable", "carol"});
  server.run({"user", "enable", "carol"});
  server.run({"token", "create", "ci", "--user", "carol", "--role-limit", "developer", "--expires",
              "2027-01-31T00:00:00Z"});
  server.run({"token", "revoke", "3"});
  server.run({"device-type", "create", "board", "--architecture", "aarch64"});
  server.run({"fleet", "create", "acme/thermo", "--device-type", "board", "--type", "starter"});
  server.run({"fleet", "track-latest", "acme/thermo"});
  server.run({"fleet", "members", "add", "acme/thermo", "carol", "--role", "operator"});
  server.run({"fleet", "members", "rm", "acme/thermo", "carol"});
  server.run({"clock", "accept"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/organisations {"handle":"acme","name":"Acme Ltd"})",
              R"(POST /v1/users {"username":"carol","instance_roles":["auditor","support"]})",
              R"(POST /v1/users/carol/disable {})", R"(POST /v1/users/carol/enable {})",
              R"(POST /v1/tokens {"name":"ci","username":"carol","role_limit":"developer",)"
              R"("expires_at":"2027-01-31T00:00:00Z"})",
              R"(DELETE /v1/tokens/3 {})",
              R"(POST /v1/device-types {"slug":"board","architecture":"aarch64"})",
              R"(POST /v1/fleets {"slug":"acme/thermo","device_type":"board","type":"starter"})",
              R"(POST /v1/fleets/acme/thermo/track-latest {})",
              R"(PUT /v1/fleets/acme/thermo/members/carol {"role":"operator"})",
              R"(DELETE /v1/fleets/acme/thermo/members/carol {})", R"(POST /v1/clock/accept {})"});
}

TEST_CASE("change: people read in one sentence what happened") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":42,"views":"current","fleet":"acme/thermo",
      "release":")" + commit +
                         R"(","version_text":"1.2.0","following":4,"pinned":1})");
  CHECK(server.run({"fleet", "pin", "acme/thermo", "9f3c2a1"}).out ==
        "fleet acme/thermo pinned to 9f3c2a1 (1.2.0): 4 devices follow, 1 stays pinned "
        "(sequence 42)\n");
  server.answer(200, R"({"changed":true,"sequence":43,"views":"behind","following":1,"pinned":0})");
  CHECK(server.run({"fleet", "track-latest", "acme/thermo"}).out ==
        "fleet acme/thermo tracks the latest release: 1 device follows (sequence 43; the lists do "
        "not show it yet)\n");
  server.answer(200, R"({"changed":false,"sequence":null,"release":")" + commit + R"("})");
  CHECK(server.run({"fleet", "pin", "acme/thermo", "1.2.0"}).out ==
        "nothing to do: fleet acme/thermo is pinned to 9f3c2a1 already\n");
  server.answer(200, R"({"changed":true,"repeated":true,"sequence":7})");
  CHECK(server.run({"org", "create", "acme"}).out ==
        "organisation acme created (sequence 7; done before, under the same key)\n");
}

TEST_CASE("change: a dry run says what would change") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"dry_run":true,"sequence":null,"following":2,"pinned":0,
      "changes":[{"event":"FleetPinned","fleet":"acme/thermo"},
                 {"event":"FleetTargetChanged","fleet":"acme/thermo","from":null,"to":")" +
                         commit + R"("}]})");
  CHECK(server.run({"fleet", "pin", "acme/thermo", "9f3c2a1", "--dry-run"}).out ==
        "would pin fleet acme/thermo to 9f3c2a1: 2 devices follow\n"
        "  FleetPinned  fleet acme/thermo\n"
        "  FleetTargetChanged  fleet acme/thermo  none -> 9f3c2a1\n");
}

TEST_CASE("change: with --json the answer itself is printed") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"z":1,"a":{"b":[]}})");
  const auto ran = server.run({"fleet", "pin", "acme/thermo", "9f3c2a1", "--json"});
  CHECK(nlohmann::ordered_json::parse(ran.out).dump() == R"({"changed":true,"z":1,"a":{"b":[]}})");
  CHECK(ran.err.empty());
}

TEST_CASE("change: a new token is shown once, and not in a dry run") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":9,"id":3,"name":"ci","token":"mst_abc"})");
  CHECK(server.run({"token", "create", "ci"}).out ==
        "token ci created (sequence 9)\nid     3\ntoken  mst_abc\n"
        "Keep the token now: it cannot be shown again.\n");
  server.answer(200, R"({"changed":true,"dry_run":true,"id":3,"name":"ci"})");
  CHECK(server.run({"token", "create", "ci", "--dry-run"}).out == "would create token ci\n");
}

TEST_CASE("change: a refusal ends with 1, the problem on stderr and nothing on stdout") {
  CannedServer server;
  server.answer(409, R"({"code":"stale-version","title":"Somebody was first","status":409,
      "detail":"Fleet acme/thermo is at version 42.","remedy":"Look again."})");
  const auto ran = server.run({"fleet", "pin", "acme/thermo", "9f3c2a1", "--expect", "41"});
  CHECK(ran.exit_code == 1);
  CHECK(ran.out.empty());
  CHECK(ran.err ==
        "muster: Fleet acme/thermo is at version 42. [stale-version]\n"
        "  rule: Somebody was first\n  remedy: Look again.\n");
  const auto json = server.run({"fleet", "pin", "acme/thermo", "9f3c2a1", "--json"});
  CHECK(json.exit_code == 1);
  CHECK(json.out.empty());
  CHECK(nlohmann::json::parse(json.err).at("remedy") == "Look again.");
}

TEST_CASE("change: what the server says about the token is not repeated") {
  CannedServer server;
  server.answer(401, R"({"code":"unauthorized","title":"t","detail":"bad s3cret-token"})");
  const auto ran = server.run({"whoami"});
  CHECK(ran.exit_code == 1);
  CHECK(ran.err.find("s3cret") == std::string::npos);
  CHECK(ran.err.find("bad ***") != std::string::npos);
  CHECK(ran.err.find("muster login") != std::string::npos);
}

TEST_CASE("change: no server ends with 3") {
  CannedServer server;
  server.variables["MUSTER_URL"] = "http://127.0.0.1:1";
  const auto ran = server.run({"fleet", "pin", "acme/thermo", "9f3c2a1"});
  CHECK(ran.exit_code == 3);
  CHECK(ran.out.empty());
  CHECK(ran.err.find("[server-not-reachable]") != std::string::npos);
  server.variables["MUSTER_URL"] = "ftp://127.0.0.1";
  CHECK(server.run({"status"}).exit_code == 2);
}
