#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

TEST_CASE("settings: a state behind the devices, however they are named") {
  CannedServer server;
  server.run({"device", "public-url", "4f1c2d3", "on"});
  server.run({"device", "public-url", "--filter", "fleet = acme/kiosk", "off"});
  server.run({"device", "local-mode", "4f1c2d3,8ab91c0", "on", "--skip-inapplicable"});
  server.run({"device", "lock-override", "4f1c2d3", "on", "--keep"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/4f1c2d3/public-url {"enabled":true})",
              R"(POST /v1/devices/public-url {"enabled":false,"filter":"fleet = acme/kiosk"})",
              R"(POST /v1/devices/local-mode {"skip_inapplicable":true,"enabled":true,)"
              R"("devices":["4f1c2d3","8ab91c0"]})",
              R"(POST /v1/devices/4f1c2d3/lock-override {"keep":true,"enabled":true})"});
}

TEST_CASE("support: until a time, for a time, or not any more") {
  CannedServer server;
  server.run({"device", "support", "4f1c2d3", "--until", "2027-01-31T00:00:00Z"});
  server.run({"device", "support", "4f1c2d3", "--revoke"});
  server.run({"fleet", "support", "acme/thermo", "--revoke"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/4f1c2d3/support {"until":"2027-01-31T00:00:00Z"})",
              R"(POST /v1/devices/4f1c2d3/revoke-support {})",
              R"(POST /v1/fleets/acme/thermo/revoke-support {})"});
  server.run({"fleet", "support", "acme/thermo", "--for", "3d"});
  const Words asked = server.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked.front().starts_with(R"(POST /v1/fleets/acme/thermo/support {"until":"20)"));
}

TEST_CASE("lives of devices: each is a request, confirmed where it must be") {
  CannedServer server;
  server.run({"device", "change-type", "4f1c2d3", "intel-nuc", "--yes"});
  server.run({"device", "deactivate", "4f1c2d3"});
  server.run({"device", "rm", "4f1c2d3", "--yes"});
  server.run({"device", "rm", "4f1c2d3,8ab91c0", "--yes", "--expect-count", "2"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/4f1c2d3/change-type {"device_type":"intel-nuc","confirm":true})",
              R"(POST /v1/devices/4f1c2d3/deactivate {})",
              R"(DELETE /v1/devices/4f1c2d3 {"confirm":true})",
              R"(POST /v1/devices/delete {"devices":["4f1c2d3","8ab91c0"],"confirm":true,)"
              R"("expect_count":2})"});
}

TEST_CASE("lives of fleets: each is a request, and the sentence says what came of it") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":9,"slug":"acme/boilers","orphaned":12,
      "devices":12,"os_unknown":2,"changes":[]})");
  CHECK(server.run({"fleet", "rename", "acme/thermo", "boilers"}).out ==
        "fleet acme/thermo is acme/boilers now (sequence 9)\n");
  CHECK(server.run({"fleet", "rm", "acme/thermo", "--yes", "--expect-count", "12"}).out ==
        "fleet acme/thermo deleted: 12 devices orphaned (sequence 9)\n");
  CHECK(server.run({"fleet", "public-url", "acme/thermo", "on"}).out ==
        "the public URL of 12 devices in fleet acme/thermo is on (sequence 9)\n");
  CHECK(server.run({"fleet", "change-type", "acme/thermo", "essentials"}).out ==
        "fleet acme/thermo is of type essentials; the OS of 2 devices is not known, and was not "
        "checked (sequence 9)\n");
  server.run({"fleet", "transfer", "acme/thermo", "zeta"});
  server.run({"org", "billing", "acme", "valid"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/fleets/acme/thermo/rename {"name":"boilers"})",
              R"(DELETE /v1/fleets/acme/thermo {"confirm":true,"expect_count":12})",
              R"(POST /v1/fleets/acme/thermo/public-url {"enabled":true})",
              R"(POST /v1/fleets/acme/thermo/change-type {"type":"essentials"})",
              R"(POST /v1/fleets/acme/thermo/transfer {"organisation":"zeta"})",
              R"(POST /v1/organisations/acme/billing {"valid":true})"});
}

TEST_CASE("lives and settings: wrong usage asks no server") {
  CannedServer server;
  const std::vector<Words> wrong{
      {"device", "public-url", "4f1c2d3"},
      {"device", "public-url", "4f1c2d3", "maybe"},
      {"device", "public-url", "4f1c2d3", "on", "--keep"},
      {"device", "support", "4f1c2d3"},
      {"device", "support", "4f1c2d3", "--for", "ever"},
      {"device", "support", "4f1c2d3", "--for", "3d", "--revoke"},
      {"device", "change-type", "4f1c2d3"},
      {"device", "rm"},
      {"fleet", "public-url", "acme/thermo", "maybe"},
      {"fleet", "change-type", "acme/thermo", "huge"},
      {"org", "billing", "acme"},
  };
  for (const auto& words : wrong) {
    CAPTURE(words[1]);
    CHECK(server.run(words).exit_code == 2);
  }
  CHECK(server.asked().empty());
}
