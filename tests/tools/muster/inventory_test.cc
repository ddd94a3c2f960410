#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"
#include "tools/http/percent.h"

using muster::percent_encode;
using muster::test::CannedServer;
using Words = std::vector<std::string>;

namespace {

/// The filter that `words` behind `device list` are sent as.
std::string sent(CannedServer& server, Words words) {
  server.answer(200, R"({"items":[],"next":null,"total":0})");
  words.insert(words.begin(), {"device", "list"});
  server.run(words);
  const auto asked = server.asked();
  REQUIRE(asked.size() == 1);
  return asked.front();
}

std::string query(const std::string& filter) {
  return "GET /v1/devices?filter=" + percent_encode(filter) + "&limit=1000";
}

}  // namespace

TEST_CASE("inventory: short options are the filter language in other words") {
  CannedServer server;
  CHECK(sent(server, {"--online"}).starts_with(query("online")));
  CHECK(
      sent(server, {"--offline", "--pinned"}).starts_with(query("policy = pinned and not online")));
  CHECK(sent(server, {"--tag", "site=a \"b\"", "rack"})
            .starts_with(query("tag.site = \"a \\\"b\\\"\" and tag.rack")));
  CHECK(sent(server, {"--stuck"}).starts_with(query("stuck")));
  CHECK(sent(server, {"--stuck", "2h", "--tracking"})
            .starts_with(query("stuck > \"2h\" and policy = tracking")));
  CHECK(sent(server, {"--filter", "a or b", "--name", "kit", "--target", "1.0.0"})
            .starts_with(query("(a or b) and name contains \"kit\" and target = \"1.0.0\"")));
  CHECK(sent(server, {"--filter", "a or b"}).starts_with(query("a or b")));
  CHECK(sent(server, {"--fleet", "acme/kiosk", "--view", "mine", "--sort", "name", "--desc"})
            .starts_with("GET /v1/devices?fleet=acme%2Fkiosk&view=mine&sort=name&order=desc"));
}

TEST_CASE("inventory: a list ends where it was told to, and says that there are more") {
  CannedServer server;
  server.answer("/v1/devices?limit=2",
                R"({"items":[{"uuid":"a1"},{"uuid":"b2"}],"next":"x","total":9})");
  const auto some = server.run({"device", "list", "--limit", "2"});
  CHECK(some.exit_code == 0);
  CHECK(some.err == "2 of 9 devices shown; --all shows all of them\n");
  CHECK(server.asked().size() == 1);
  server.answer("/v1/devices?limit=1000", R"({"items":[{"uuid":"a1"}],"next":"x","total":2})");
  server.answer("/v1/devices?limit=1000&after=x", R"({"items":[{"uuid":"b2"}],"next":null})");
  const auto all = server.run({"device", "list", "--all"});
  CHECK(all.err.empty());
  CHECK(server.asked().size() == 2);
  CHECK(server.run({"device", "list", "--all", "--limit", "2"}).exit_code == 2);
  CHECK(server.run({"device", "list", "--online", "--offline"}).exit_code == 2);
}

TEST_CASE("inventory: a selection goes to the server as it is") {
  CannedServer server;
  server.run({"device", "pin", "--filter", "tag.ring = canary", "1.4.2", "--expect-count", "3"});
  server.run({"device", "track-fleet", "--view", "canaries"});
  CHECK(server.asked() == Words{R"(POST /v1/devices/pin {"release":"1.4.2",)"
                                R"("filter":"tag.ring = canary","expect_count":3})",
                                R"(POST /v1/devices/track-fleet {"view":"canaries"})"});
  for (const Words& words :
       {Words{"device", "pin", "--filter", "online"},
        Words{"device", "pin", "4f1c2d3", "1.4.2", "--filter", "online"},
        Words{"device", "pin", "1.4.2", "--filter", "online", "--devices", "-"},
        Words{"device", "track-fleet", "4f1c2d3", "--view", "x"}, Words{"device", "track-fleet"}}) {
    CHECK(server.run(words).exit_code == 2);
  }
  CHECK(server.asked().empty());
}

TEST_CASE("inventory: after a selection it says how many follow and stay pinned") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":8,"following":97,"pinned":1,
      "changes":[{"event":"DevicePinned"},{"event":"DevicePinned"}]})");
  CHECK(server.run({"device", "pin", "--view", "canaries", "1.4.2"}).out ==
        "2 devices pinned to 1.4.2 (sequence 8)\n"
        "in the fleet then: 97 follow, 1 stays pinned\n");
}

TEST_CASE("inventory: an error in a filter is shown below its text") {
  CannedServer server;
  server.answer(400, R"({"code":"invalid-filter","title":"t","detail":"d","text":"ö flet = x",
      "position":2})");
  const auto ran = server.run({"device", "list", "--filter", "ö flet = x"});
  CHECK(ran.exit_code == 1);
  CHECK(ran.err == "muster: d [invalid-filter]\n    ö flet = x\n      ^\n  rule: t\n");
}

TEST_CASE("inventory: views are made, listed and removed") {
  CannedServer server;
  server.answer(200, R"({"changed":true,"sequence":5})");
  CHECK(
      server.run({"view", "create", "lagging", "--filter", "stuck", "--shared-with", "acme/kiosk"})
          .out == "view lagging created (sequence 5)\n");
  CHECK(server.run({"view", "rm", "id:3"}).out == "view id:3 removed (sequence 5)\n");
  CHECK(server.asked() ==
        Words{R"(POST /v1/views {"name":"lagging","filter":"stuck","shared_with":"acme/kiosk"})",
              R"(DELETE /v1/views/id%3A3 {})"});
  server.answer(200, R"({"items":[{"id":1,"name":"mine","owner":"ada","filter":"online",
      "shared_with":null}],"next":null})");
  CHECK(server.run({"view", "list"}).out ==
        "id  name  owner  shared with  filter\n1   mine  ada    -            online\n");
}
