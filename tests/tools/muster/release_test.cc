#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

TEST_CASE("release: create sends what was given and nothing else") {
  CannedServer server;
  server.run({"release", "create", "acme/thermo", "--commit", "9f3c"});
  server.run({"release", "create", "acme/thermo", "--commit", "9f3c", "--semver", "1.4.2",
              "--status", "running", "--draft", "--note", "trial"});
  CHECK(server.asked() ==
        Words{R"(POST /v1/fleets/acme/thermo/releases {"commit":"9f3c"})",
              R"(POST /v1/fleets/acme/thermo/releases {"commit":"9f3c","semver":"1.4.2",)"
              R"("status":"running","draft":true,"note":"trial"})"});
}

TEST_CASE("release: a manifest goes through as it is written") {
  CannedServer server;
  const std::string manifest = R"({ "b": 1.10, "a": [1, 2] })";
  server.run({"release", "create", "acme/thermo", "--commit", "9f3c", "--manifest",
              server.file(manifest)});
  server.run({"release", "finish", "31", "--status", "success", "--manifest", "-"}, manifest);
  CHECK(
      server.asked() ==
      Words{R"(POST /v1/fleets/acme/thermo/releases {"commit":"9f3c","manifest":)" + manifest + "}",
            R"(POST /v1/releases/31/finish {"status":"success","manifest":)" + manifest + "}"});
}

TEST_CASE("release: a manifest that is no JSON object is refused here, with its place") {
  CannedServer server;
  for (const char* wrong : {"", "  ", "[1]", "3", "{", R"({"a":1,"a":2})", R"({"a":1}})", "nul"}) {
    const auto ran = server.run(
        {"release", "create", "acme/thermo", "--commit", "9f3c", "--manifest", server.file(wrong)});
    CAPTURE(wrong);
    CAPTURE(ran.err);
    CHECK(ran.exit_code == 2);
  }
  CHECK(server.asked().empty());
}

TEST_CASE("release: one is named within its fleet, or by its id") {
  CannedServer server;
  server.run({"release", "show", "1.4.2", "--fleet", "acme/thermo"});
  server.run({"release", "finalize", "9f3c2a1", "--fleet", "acme/thermo"});
  server.run({"release", "invalidate", "31", "--reason", "drains the battery"});
  server.run({"release", "validate", "id:31"});
  server.run({"release", "rm", "31"});
  CHECK(server.asked() == Words{R"(GET /v1/fleets/acme/thermo/releases/1.4.2)",
                                R"(POST /v1/fleets/acme/thermo/releases/9f3c2a1/finalize {})",
                                R"(POST /v1/releases/31/invalidate )"
                                R"({"reason":"drains the battery"})",
                                R"(POST /v1/releases/id%3A31/validate {})",
                                R"(DELETE /v1/releases/31 {})"});
}

TEST_CASE("release: drafts are listed last and marked") {
  CannedServer server;
  server.answer("/v1/fleets/acme/thermo/releases?limit=1000", R"({"items":[
      {"id":3,"commit":"cccccccc","version_text":"1.3.0","status":"success","draft":true},
      {"id":2,"commit":"bbbbbbbb","version_text":"1.2.0","status":"success","devices":4},
      {"id":1,"commit":"aaaaaaaa","semver":"1.1.0","status":"success","invalidated":true,
       "note":"hot"}],"next":null})");
  CHECK(server.run({"release", "list", "acme/thermo"}).out ==
        "commit   version  state                 devices  id  note\n"
        "bbbbbbb  1.2.0    success               4        2   -\n"
        "aaaaaaa  1.1.0    success, invalidated  -        1   hot\n"
        "ccccccc  1.3.0    success, draft        -        3   -\n");
}
