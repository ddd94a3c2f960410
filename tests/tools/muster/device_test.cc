#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

TEST_CASE("device: one device has a path of its own, several go as a list") {
  CannedServer server;
  server.run({"device", "pin", "4f1c2d3", "9f3c2a1"});
  server.run({"device", "pin", "4f1c2d3,8ab91c0", "1.4.2", "--expect-count", "2"});
  server.run({"device", "track-fleet", "4f1c2d3"});
  server.run({"device", "track-fleet", "4f1c2d3, 8ab91c0,"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/4f1c2d3/pin {"release":"9f3c2a1"})",
              R"(POST /v1/devices/pin {"release":"1.4.2","devices":["4f1c2d3","8ab91c0"],)"
              R"("expect_count":2})",
              R"(POST /v1/devices/4f1c2d3/track-fleet {})",
              R"(POST /v1/devices/track-fleet {"devices":["4f1c2d3","8ab91c0"]})"});
}

TEST_CASE("device: a list may come from a file or from standard input") {
  CannedServer server;
  server.run({"device", "pin", "--devices", server.file("4f1c2d3\r\n\n 8ab91c0\n"), "1.4.2"});
  server.run({"device", "pin", "1.4.2", "--devices", "-"}, "4f1c2d3\n8ab91c0");
  server.run({"device", "track-fleet", "--devices", "-"}, "4f1c2d3\n8ab91c0\n");
  CHECK(server.asked() ==
        Words{R"(POST /v1/devices/pin {"release":"1.4.2","devices":["4f1c2d3","8ab91c0"]})",
              R"(POST /v1/devices/pin {"release":"1.4.2","devices":["4f1c2d3","8ab91c0"]})",
              R"(POST /v1/devices/track-fleet {"devices":["4f1c2d3","8ab91c0"]})"});
}

TEST_CASE("device: an empty list is left to the server to refuse, and is never all") {
  CannedServer server;
  server.answer(400, R"({"code":"empty-selection","title":"t","detail":"no devices"})");
  CHECK(server.run({"device", "track-fleet", "--devices", "-"}, "\n").exit_code == 1);
  CHECK(server.asked() == Words{R"(POST /v1/devices/track-fleet {"devices":[]})"});
}

TEST_CASE("device: a file that cannot be used is a failure before anything is sent") {
  CannedServer server;
  const auto missing = server.run({"device", "pin", "--devices", "/nonexistent/list", "1.4.2"});
  CHECK(missing.exit_code == 1);
  CHECK(missing.err.find("/nonexistent/list") != std::string::npos);
  CHECK(server.run({"device", "pin", "--devices", server.folder().string(), "1.4.2"}).exit_code ==
        1);
  CHECK(server.run({"device", "pin", "--devices", "-", "1.4.2"}, "\xff\xfe").exit_code == 1);
  CHECK(server.asked().empty());
}

TEST_CASE("device: the sentence counts those that changed") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":8,"changes":[{"event":"DevicePinned"}]})");
  CHECK(server.run({"device", "pin", "4f1c2d3,8ab91c0,77777777", "1.4.2"}).out ==
        "1 of 3 devices pinned to 1.4.2 (sequence 8)\n");
  CHECK(server.run({"device", "track-fleet", "4f1c2d3"}).out ==
        "device 4f1c2d3 tracks the fleet (sequence 8)\n");
}

TEST_CASE("device: tags are set and removed in one request") {
  CannedServer server;
  server.run({"device", "tag", "4f1c2d3", "site=a=b", "rack=", "--rm", "trial", "old"});
  server.run({"device", "tag", "4f1c2d3", "--rm", "trial"});
  CHECK(server.asked() == Words{R"(PATCH /v1/devices/4f1c2d3 )"
                                R"({"tags":{"site":"a=b","rack":"","trial":null,"old":null}})",
                                R"(PATCH /v1/devices/4f1c2d3 {"tags":{"trial":null}})"});
}

TEST_CASE("device: register says with what the device connects") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":5,"uuid":"ab12","mqtt":{"host":"h","port":7883,
      "client_id":"c","username":"u","password":"p"}})");
  CHECK(server.run({"device", "register", "acme/thermo", "--name", "kitchen"}).out ==
        "device ab12 registered in fleet acme/thermo (sequence 5)\n"
        "uuid            ab12\nmqtt.host       h\nmqtt.port       7883\nmqtt.client id  c\n"
        "mqtt.username   u\nmqtt.password   p\n");
  CHECK(server.asked() == Words{R"(POST /v1/fleets/acme/thermo/devices {"name":"kitchen"})"});
  server.run({"device", "register", "acme/thermo", "--uuid", "ab", "--type", "nuc"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/fleets/acme/thermo/devices {"uuid":"ab","device_type":"nuc"})"});
}
