#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/muster/canned_server.h"

using muster::test::CannedServer;
using Words = std::vector<std::string>;

TEST_CASE("command line: wrong usage ends with 2, says so on stderr, and asks no server") {
  CannedServer server;
  const std::vector<Words> wrong{
      {},
      {"flet"},
      {"fleet"},
      {"fleet", "pni", "acme/thermo"},
      {"fleet", "pin"},
      {"fleet", "pin", "acme/thermo"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "more"},
      {"fleet", "pin", "thermo", "9f3c2a1"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "--nonsense"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "--expect", "soon"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "--expect", "-1"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "--expect-count", "010"},
      {"fleet", "pin", "acme/thermo", "9f3c2a1", "--reason"},
      {"fleet", "members", "add", "acme/thermo", "alice", "--role", "king"},
      {"release", "show", "9f3c2a1b"},
      {"release", "finish", "31", "--status", "done"},
      {"device", "pin", "4f1c2d3"},
      {"device", "pin", "--devices", "/dev/null"},
      {"device", "track-fleet"},
      {"device", "tag", "4f1c2d3"},
      {"device", "tag", "4f1c2d3", "nonsense"},
      {"device", "tag", "4f1c2d3", "a=1", "--rm", "a"},
      {"device", "note", "4f1c2d3", "\xff"},
      {"login"},
  };
  for (const auto& words : wrong) {
    const auto ran = server.run(words);
    CAPTURE(words.size());
    CAPTURE(ran.err);
    CHECK(ran.exit_code == 2);
    CHECK(ran.out.empty());
    CHECK(ran.err.starts_with("muster: "));
  }
  CHECK(server.asked().empty());
}

TEST_CASE("command line: a misspelt command gets a hint and the commands there are") {
  CannedServer server;
  const auto ran = server.run({"fleet", "pni", "acme/thermo"});
  CHECK(ran.err.find("`muster fleet pni` is no command [wrong-usage]") != std::string::npos);
  CHECK(ran.err.find("Did you mean `muster fleet pin`?") != std::string::npos);
  CHECK(ran.err.find("track-latest") != std::string::npos);
}

TEST_CASE("command line: with --json wrong usage is a problem object too") {
  CannedServer server;
  for (const Words& words : {Words{"fleet", "pin", "--json"}, Words{"fleet", "--json"}}) {
    const auto ran = server.run(words);
    CHECK(ran.exit_code == 2);
    CHECK(nlohmann::json::parse(ran.err).at("code") == "wrong-usage");
  }
}

TEST_CASE("command line: help is there on every level, with an example for a command") {
  CannedServer server;
  const auto top = server.run({"--help"});
  CHECK(top.exit_code == 0);
  CHECK(top.out.find("MUSTER_URL") != std::string::npos);
  CHECK(server.run({"fleet", "--help"}).out.find("track-latest") != std::string::npos);
  const auto pin = server.run({"fleet", "pin", "--help"});
  CHECK(pin.exit_code == 0);
  CHECK(pin.err.empty());
  CHECK(pin.out.find("Usage: muster fleet pin [OPTIONS] SLUG RELEASE") != std::string::npos);
  CHECK(pin.out.find("Example:\n  muster fleet pin acme/thermo") != std::string::npos);
  CHECK(server.run({"--version"}).out.starts_with("muster 0."));
}

TEST_CASE("command line: words that are commands elsewhere are plain words here") {
  CannedServer server;
  server.run({"device", "note", "4f1c2d3", "list"});
  server.run({"device", "rename", "4f1c2d3", "device"});
  server.run({"device", "note", "4f1c2d3", ""});
  server.run({"device", "note", "4f1c2d3", "[a,b]"});
  server.run({"device", "note", "4f1c2d3", "--", "--json"});
  CHECK(server.asked() == Words{R"(PATCH /v1/devices/4f1c2d3 {"note":"list"})",
                                R"(PATCH /v1/devices/4f1c2d3 {"name":"device"})",
                                R"(PATCH /v1/devices/4f1c2d3 {"note":""})",
                                R"(PATCH /v1/devices/4f1c2d3 {"note":"[a,b]"})",
                                R"(PATCH /v1/devices/4f1c2d3 {"note":"--json"})"});
}
