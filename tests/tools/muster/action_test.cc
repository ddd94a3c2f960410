#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

namespace {

constexpr const char* queued =
    R"({"changed":true,"sequence":12,"changes":[{"event":"ActionQueued"}],"id":"01J","queued":1})";

}  // namespace

TEST_CASE("actions: each kind is a command of devices and of fleets") {
  CannedServer server;
  server.answer(200, queued);
  for (const std::string kind : {"restart", "purge", "reboot", "shutdown", "blink"}) {
    CAPTURE(kind);
    const auto ran = server.run({"device", kind, "4f1c2d3"});
    CHECK(ran.exit_code == 0);
    CHECK(ran.out == kind + " queued for device 4f1c2d3, action 01J (sequence 12)\n");
    CHECK(server.asked() ==
          Words{R"(POST /v1/actions {"kind":")" + kind + R"(","devices":["4f1c2d3"]})"});
    CHECK(server.run({"fleet", kind, "acme/thermo"}).exit_code == 0);
    CHECK(server.asked() ==
          Words{R"(POST /v1/actions {"kind":")" + kind + R"(","fleet":"acme/thermo"})"});
  }
  server.run({"device", "os-update", "4f1c2d3", "2.98.33"});
  server.run({"fleet", "os-update", "acme/thermo", "2.98.33"});
  CHECK(server.asked() == Words{R"(POST /v1/actions {"kind":"os-update","os_version":"2.98.33",)"
                                R"("devices":["4f1c2d3"]})",
                                R"(POST /v1/actions {"kind":"os-update","os_version":"2.98.33",)"
                                R"("fleet":"acme/thermo"})"});
}

TEST_CASE("actions: what may be said of one goes to the server") {
  CannedServer server;
  server.answer(200, queued);
  server.run({"device", "restart", "--filter", "online", "--force", "--online-only",
              "--skip-inapplicable", "--max-parallel", "50", "--stop-after-failures", "3",
              "--execute-within", "5m", "--expect-count", "7", "--yes", "--reason", "leak"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/actions {"kind":"restart","force":true,"online_only":true,)"
              R"("skip_inapplicable":true,"max_parallel":50,"stop_after_failures":3,)"
              R"("execute_within_s":300,"filter":"online","reason":"leak","confirm":true,)"
              R"("expect_count":7})"});
  server.run({"device", "restart", "4f1c2d3", "--deliver-by", "2027-01-31T00:00:00Z"});
  CHECK(server.asked().front().find(R"("deliver_by":"2027-01-31T00:00:00Z")") != std::string::npos);
  server.run({"device", "restart", "4f1c2d3", "--deliver-by", "2h"});
  CHECK(server.asked().front().find(R"("deliver_by":"20)") != std::string::npos);
  for (const Words& words : {Words{"device", "restart"}, Words{"device", "os-update", "4f1c2d3"},
                             Words{"fleet", "os-update", "acme/thermo"},
                             Words{"device", "restart", "4f1c2d3", "--execute-within", "soon"},
                             Words{"device", "restart", "4f1c2d3", "--wait-for", "5m"}}) {
    CHECK(server.run(words).exit_code == 2);
  }
  CHECK(server.asked().empty());
}

TEST_CASE("actions: who was skipped is told") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":14,"id":"01J","queued":2,"merged":1,"skipped":1,
      "changes":[{"event":"ActionSkipped","reason":"agent-too-old","devices":["8ab91c0"]}]})");
  const auto ran = server.run({"fleet", "reboot", "acme/thermo"});
  CHECK(ran.out ==
        "reboot queued for 2 devices of fleet acme/thermo, 1 queued already, 1 skipped, action "
        "01J (sequence 14)\nskipped (agent-too-old): 8ab91c0\n");
}

TEST_CASE("actions: waiting ends when all is over, and fails if something did") {
  CannedServer server;
  server.answer("/v1/actions", queued);
  const std::string done =
      R"({"devices":2,"open":0,"over":true,"counts":{"queued":0,"succeeded":2}})";
  server.answer("/v1/actions/01J", done);
  const auto good = server.run({"device", "restart", "4f1c2d3", "--wait"});
  CHECK(good.exit_code == 0);
  CHECK(good.out.ends_with("2 of 2 devices over: 2 succeeded\n"));
  server.answer("/v1/actions/01J",
                R"({"devices":2,"open":0,"over":true,"counts":{"succeeded":1,"failed":1}})");
  CHECK(server.run({"action", "show", "01J", "--wait"}).exit_code == 1);
  server.answer("/v1/actions/01J",
                R"({"devices":2,"open":1,"over":false,"counts":{"queued":1,"succeeded":1}})");
  const auto late = server.run({"action", "show", "01J", "--wait", "--wait-for", "1s"});
  CHECK(late.exit_code == 1);
  CHECK(late.out == "1 of 2 devices over: 1 queued, 1 succeeded\n");
}

TEST_CASE("actions: listed, shown and cancelled") {
  CannedServer server;
  server.answer(200, R"({"items":[{"id":"01J","n":12,"device":"4f1c2d3f5a60aaaa","fleet":null,
      "kind":"restart","state":"rejected","cause":"answered","message":"locked","asked_by":["ada"],
      "asked_at":"2026-11-22T08:00:00.000Z"},{"id":"01K","n":13,"device":null,
      "fleet":"acme/thermo","kind":"blink","state":"queued","cause":null}],"next":null})");
  const auto listed = server.run({"action", "list", "--fleet", "acme/thermo", "--state", "open"});
  CHECK(listed.out.find("01J  12  4f1c2d3f5a60       restart  rejected  answered (locked)  ada") !=
        std::string::npos);
  CHECK(listed.out.find("01K  13  fleet acme/thermo  blink    queued") != std::string::npos);
  CHECK(server.asked() == Words{"GET /v1/actions?fleet=acme%2Fthermo&state=open&limit=1000"});
  server.answer(200, R"({"changed":true,"sequence":15,"changes":[]})");
  server.run({"action", "show", "01J"});
  server.run({"action", "cancel", "01J", "--device", "4f1c2d3", "--reason", "wrong one"});
  CHECK(server.asked() ==
        Words{"GET /v1/actions/01J",
              R"(DELETE /v1/actions/01J {"device":"4f1c2d3","reason":"wrong one"})"});
  CHECK(server.run({"action", "list", "--device", "a", "--bulk", "b"}).exit_code == 2);
}

TEST_CASE("move: to a fleet, or where to") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":12,"changes":[{"event":"DeviceMoved"}],
      "notes":["device 4f1c2d3: the data of the old fleet stays on it"]})");
  const auto ran = server.run({"device", "move", "4f1c2d3", "--fleet", "acme/kiosk"});
  CHECK(ran.out ==
        "device 4f1c2d3 moved to fleet acme/kiosk (sequence 12)\n"
        "note: device 4f1c2d3: the data of the old fleet stays on it\n");
  server.run({"device", "move", "--view", "old", "--fleet", "acme/kiosk", "--pin", "1.4.2"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/4f1c2d3/move {"fleet":"acme/kiosk"})",
              R"(POST /v1/devices/move {"fleet":"acme/kiosk","pin":"1.4.2","view":"old"})"});
  server.answer(200, R"({"items":[{"fleet":"acme/kiosk","device_type":"pi4"}],"next":null})");
  CHECK(server.run({"device", "move", "4f1c2d3", "--list"}).out.find("acme/kiosk  pi4") !=
        std::string::npos);
  CHECK(server.asked().front().starts_with("GET /v1/devices/4f1c2d3/fleets"));
  CHECK(server.run({"device", "move", "4f1c2d3"}).exit_code == 2);
}
