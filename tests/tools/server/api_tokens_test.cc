#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// How long a token is good for, what it may, and what a repeated command tells.

namespace {

constexpr auto get = HttpMethod::get;
constexpr auto post = HttpMethod::post;
constexpr auto put = HttpMethod::put;
constexpr auto del = HttpMethod::del;

}  // namespace

TEST_CASE("tokens: one is good until the second at which it ends") {
  ApiWorld world;
  world.user("ada");
  const Timestamp end =
      std::chrono::ceil<std::chrono::seconds>(SystemClock().now()) + std::chrono::seconds(1);
  world.token("short", "ada", fmt::format(R"(,"expires_at":"{}")", to_rfc3339(end)));
  const Reply who = world.ask("short", get, "/v1/whoami");
  CHECK(who.body["user"] == "ada");
  CHECK(who.body["expires_at"] == to_rfc3339(end));
  CHECK(who.body["role_limit"].is_null());
  int status = 200;
  while (status == 200) {
    const Timestamp before = SystemClock().now();
    status = world.ask("short", get, "/v1/whoami").status;
    const Timestamp after = SystemClock().now();
    if (status == 200) CHECK(before < end);
    if (status != 200) CHECK(after >= end);
    REQUIRE(before < end + std::chrono::seconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  CHECK(status == 401);
  CHECK(world.ask("short", post, "/v1/tokens", R"({"name":"x"})").code() == "unauthorized");
}

TEST_CASE("tokens: all of a disabled user's are dead at once, and live again with the user") {
  ApiWorld world;
  world.user("ada");
  world.token("second", "ada", "");
  world.fleet("thermo");
  world.must(put, "/v1/fleets/acme/thermo/members/ada", R"({"role":"developer"})");
  CHECK(world.ask("ada", get, "/v1/fleets/acme/thermo").status == 200);
  world.must(post, "/v1/users/ada/disable");
  for (const std::string name : {"ada", "second"}) {
    CHECK(world.ask(name, get, "/v1/fleets/acme/thermo").code() == "unauthorized");
    CHECK(world.ask(name, post, "/v1/fleets/acme/thermo/track-latest").code() == "unauthorized");
  }
  world.must(post, "/v1/users/ada/enable");
  CHECK(world.ask("second", get, "/v1/fleets/acme/thermo").status == 200);
}

TEST_CASE("tokens: a limit holds for the roles of the instance, too") {
  ApiWorld world;
  world.token("limited", "admin", R"(,"role_limit":"administrator")");
  CHECK(world.ask("limited", get, "/v1/whoami").body["role_limit"] == "administrator");
  CHECK(world.ask("limited", get, "/v1/whoami").body["instance_roles"].empty());
  CHECK(world.ask("limited", post, "/v1/users", R"({"username":"eve"})").code() == "not-allowed");
  CHECK(world.ask("limited", post, "/v1/broker/reconcile").code() == "not-allowed");
  CHECK(world.ask("limited", post, "/v1/tokens", R"({"name":"wide"})").code() == "not-allowed");
  CHECK(world.ask("limited", del, "/v1/tokens/1").code() == "not-allowed");
  CHECK(world.ask("admin", get, "/v1/whoami").status == 200);
}

TEST_CASE("members: the last administrator of an organisation cannot leave") {
  ApiWorld world;
  world.user("ada");
  const std::string members = "/v1/organisations/acme/members/";
  CHECK(world.ask("admin", del, members + "admin").code() == "last-administrator");
  CHECK(world.ask("admin", put, members + "admin", R"({"role":"member"})").code() ==
        "last-administrator");
  CHECK(world.ask("admin", put, members + "ada", R"({"role":"boss"})").code() == "invalid-field");
  const auto set = world.must(put, members + "ada", R"({"role":"administrator"})");
  CHECK(set["user"] == "ada");
  CHECK(set["organisation"] == "acme");
  CHECK(set["changes"][0]["event"] == "OrganisationMemberSet");
  CHECK_FALSE(world.must(put, members + "ada", R"({"role":"administrator"})")["changed"]);
  CHECK(world.must(get, "/v1/organisations/acme")["administrators"] == Json({"admin", "ada"}));
  world.must(del, members + "admin");
  CHECK(world.ask("ada", del, members + "ada").code() == "last-administrator");
  CHECK_FALSE(world.must(del, members + "nosuch")["changed"]);
}

TEST_CASE("repeats: who lost its role hears what a stranger hears, and no credential") {
  ApiWorld world;
  world.user("ada");
  world.fleet("thermo");
  const std::string member = "/v1/fleets/acme/thermo/members/ada";
  world.must(put, member, R"({"role":"operator"})");
  const std::vector<HttpField> key{{"Idempotency-Key", "one"}};
  const std::string devices = "/v1/fleets/acme/thermo/devices";
  const Reply first = world.ask("ada", post, devices, "{}", key);
  const Reply again = world.ask("ada", post, devices, "{}", key);
  CHECK(again.body["repeated"] == true);
  CHECK(again.body["uuid"] == first.body["uuid"]);
  CHECK(again.body.contains("mqtt"));
  world.must(put, member, R"({"role":"observer"})");
  CHECK(world.ask("ada", post, devices, "{}", key).code() == "not-allowed");
  world.must(del, member);
  const Reply stranger = world.ask("ada", post, devices, "{}", key);
  CHECK(stranger.code() == "unknown-fleet");
  CHECK(stranger.body.dump().find(first.body["uuid"].get<std::string>()) == std::string::npos);
}
