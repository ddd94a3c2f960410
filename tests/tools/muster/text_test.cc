#include "tools/muster/output/text.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/muster/support/input.h"
#include "tools/muster/support/json_body.h"
#include "tools/muster/support/paths.h"
#include "tools/muster/support/spelling.h"

using namespace muster::cli;  // NOLINT(google-build-using-namespace)

TEST_CASE("text: a commit is shown by seven digits, other names as they are") {
  CHECK(short_commit("9f3c2a1b0e4d9f3c2a1b0e4d9f3c2a1b0e4d9f3c") == "9f3c2a1");
  CHECK(short_commit("9f3c2a1") == "9f3c2a1");
  CHECK(short_commit("1.4.2+rev1") == "1.4.2+rev1");
  CHECK(short_commit("") == "");
}

TEST_CASE("text: missing and odd members read as nothing") {
  const auto json = Json::parse(R"({"n": null, "t": [1, "b"], "o": {"a": true}, "m": -3})");
  CHECK(text_at(json, "absent") == "");
  CHECK(text_at(json, "n") == "");
  CHECK(text_at(json, "t") == "1, b");
  CHECK(text_at(json, "o") == "a=yes");
  CHECK(count_at(json, "m") == 0);
  CHECK(count_at(json, "t") == 0);
  CHECK_FALSE(flag_at(json, "t"));
  CHECK_FALSE(has(json, "n"));
  CHECK(has(json, "t"));
  for (const char* odd : {"null", "3", "\"text\"", "[1]"}) {
    CHECK(text_at(Json::parse(odd), "name") == "");
    CHECK(release_at(Json::parse(odd), "release") == "");
  }
}

TEST_CASE("text: a release is its short commit and its version") {
  const std::string commit = "9f3c2a1b0e4d9f3c2a1b0e4d9f3c2a1b0e4d9f3c";
  CHECK(release_at({{"target_release", commit}, {"target_version", "1.2.0"}}, "target_release") ==
        "9f3c2a1 (1.2.0)");
  CHECK(release_at({{"release", commit}, {"version_text", "1.2.0"}}, "release") ==
        "9f3c2a1 (1.2.0)");
  CHECK(release_at({{"release", {{"commit", commit}, {"version_text", "2.0.0"}}}}, "release") ==
        "9f3c2a1 (2.0.0)");
  CHECK(release_at({{"release", commit}, {"version_text", "1.2.0 (draft)"}}, "release") ==
        "9f3c2a1 (1.2.0, draft)");
  CHECK(release_at({{"running_release", commit}}, "running_release") == "9f3c2a1");
  CHECK(release_at({{"release", commit}, {"version_text", commit}}, "release") == "9f3c2a1");
  CHECK(release_at({{"release", nullptr}}, "release") == "");
}

TEST_CASE("text: details flatten inner objects and align the names") {
  const Json json{
      {"uuid", "ab"}, {"mqtt", {{"client_id", "c"}, {"port", 7883}}}, {"note", nullptr}};
  CHECK(details_text(json) ==
        "uuid            ab\n"
        "mqtt.client id  c\n"
        "mqtt.port       7883\n"
        "note            -\n");
  CHECK(details_text(Json::object()) == "");
}

TEST_CASE("text: one is not many") {
  CHECK(count_text(0, "device follows", "devices follow") == "0 devices follow");
  CHECK(count_text(1, "device follows", "devices follow") == "1 device follows");
  CHECK(count_text(2, "device follows", "devices follow") == "2 devices follow");
}

TEST_CASE("json body: texts are escaped, JSON of others goes through untouched") {
  JsonBody body;
  CHECK(body.str() == "{}");
  body.text("a", std::string_view("x\"\n"));
  body.text("left_out", std::optional<std::string>());
  body.texts("list", {"p", "q"});
  body.number("n", 18446744073709551615ULL);
  body.flag("f", true);
  body.raw("manifest", "{ \"b\":1.10, \"a\":2 }");
  CHECK(body.str() == R"({"a":"x\"\n","list":["p","q"],"n":18446744073709551615,"f":true,)"
                      R"("manifest":{ "b":1.10, "a":2 }})");
}

TEST_CASE("paths: a fleet is named by two parts, a release by its fleet or its id") {
  CHECK(fleet_path("acme/thermo").value() == "/v1/fleets/acme/thermo");
  CHECK(fleet_path("a b/ü").value() == "/v1/fleets/a%20b/%C3%BC");
  for (const char* wrong : {"", "acme", "/thermo", "acme/", "a/b/c", "/"}) {
    CHECK(fleet_path(wrong).error().exit_code == ExitCode::wrong_usage);
  }
  CHECK(release_path("31", "").value() == "/v1/releases/31");
  CHECK(release_path("id:31", "").value() == "/v1/releases/id%3A31");
  CHECK(release_path("1.4.2+rev1", "acme/thermo").value() ==
        "/v1/fleets/acme/thermo/releases/1.4.2%2Brev1");
  for (const char* wrong : {"", "id:", "9f3c2a1b", "1.4.2"}) {
    CHECK(release_path(wrong, "").error().exit_code == ExitCode::wrong_usage);
  }
}

TEST_CASE("spelling: only a near word is suggested") {
  const std::vector<std::string> known{"pin", "list", "show", "track-latest"};
  CHECK(closest("pni", known) == "pin");
  CHECK(closest("tracklatest", known) == "track-latest");
  CHECK(closest("shwo", known) == "show");
  CHECK_FALSE(closest("delete", known).has_value());
  CHECK_FALSE(closest("", known).has_value());
  CHECK_FALSE(closest(std::string(1000, 'x'), known).has_value());
}

TEST_CASE("split: parts lose their spaces, empty ones go") {
  CHECK(split("a, b,,c\r\n\n d \n", ",\n") == std::vector<std::string>{"a", "b", "c", "d"});
  CHECK(split("", ",").empty());
  CHECK(split(" ,\n, ", ",\n").empty());
}
