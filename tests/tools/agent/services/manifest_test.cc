#include "tools/agent/services/manifest.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

namespace muster::agent {
namespace {

/// The problem of a manifest whose one service is `json`; empty if there is none.
std::string problem(const std::string& json, const std::string& name = "main") {
  const auto read = parse_services(fmt::format(R"({{"services":{{"{}":{}}}}})", name, json));
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("service manifest: a service is a command with environment and volumes") {
  const auto services = parse_services(
      R"({"services":{"web":{"command":["sh","-c","x"],"environment":{"PORT":"80"},)"
      R"("volumes":["data","cache","data"],"image":"ignored"},"db":{"command":["db"]}}})");
  REQUIRE(services);
  CHECK(*services ==
        std::vector<ServiceSpec>{{"db", {"db"}, {}, {}},
                                 {"web", {"sh", "-c", "x"}, {{"PORT", "80"}}, {"cache", "data"}}});
}

TEST_CASE("service manifest: what has no command is somebody else's") {
  for (const auto* manifest :
       {"{}", R"({"services":{"main":"app:1"}})", R"({"services":["a"]})", R"({"url":"x"})",
        R"({"services":{"main":{"image":"x"}}})", R"({"services":null})", "null", "not json"}) {
    CAPTURE(manifest);
    CHECK(parse_services(manifest).value().empty());
  }
}

TEST_CASE("service manifest: what cannot be run is refused with the service and the rule") {
  CHECK(problem(R"({"command":["x"]})").empty());
  for (const auto* bad :
       {R"({"command":"x"})", R"({"command":[]})", R"({"command":[""]})", R"({"command":[1]})",
        R"({"command":null})", R"({"command":["a\u0000b"]})",
        R"({"command":["x"],"environment":[]})", R"({"command":["x"],"environment":{"A":1}})",
        R"({"command":["x"],"environment":{"1A":""}})",
        R"({"command":["x"],"environment":{"MUSTER_X":""}})",
        R"({"command":["x"],"environment":{"A=B":""}})", R"({"command":["x"],"volumes":{}})",
        R"({"command":["x"],"volumes":[".."]})", R"({"command":["x"],"volumes":["a/b"]})",
        R"({"command":["x"],"volumes":[""]})"}) {
    CAPTURE(bad);
    CHECK(problem(bad).starts_with("service `main`: "));
  }
  for (const std::string name : {"..", ".made", "a/b", "", "a b"}) {
    CAPTURE(name);
    CHECK_FALSE(problem(R"({"command":["x"]})", name).empty());
  }
  std::string many = R"("s0":{"command":["x"]})";
  for (int i = 1; i < 33; ++i) many += fmt::format(R"(,"s{}":{{"command":["x"]}})", i);
  CHECK_FALSE(parse_services(fmt::format(R"({{"services":{{{}}}}})", many)));
}

}  // namespace muster::agent
