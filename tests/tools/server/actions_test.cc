#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>

#include "core/base/clock.h"
#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Actions and moves over HTTP; how they are delivered, is the bridge's.

namespace {

constexpr auto get = HttpMethod::get;
constexpr auto post = HttpMethod::post;
constexpr auto put = HttpMethod::put;
constexpr auto del = HttpMethod::del;

struct Actions {
  Actions() {
    world.fleet("thermo");
    world.fleet("kiosk");
    first = world.device("thermo");
    second = world.device("thermo");
  }

  Json queue(const std::string& rest) { return world.must(post, "/v1/actions", "{" + rest + "}"); }

  Json items(const std::string& query) { return world.must(get, "/v1/actions?" + query)["items"]; }

  std::string code(HttpMethod method, const std::string& path, const std::string& body = "") {
    return world.ask("admin", method, path, body).code();
  }

  /// The device's list as `kind state`, newest first.
  std::string list_of(const std::string& device) {
    std::string text;
    for (const Json& item : items("device=" + device)) {
      text += fmt::format("{}{} {}", text.empty() ? "" : "; ", item["kind"].get<std::string>(),
                          item["state"].get<std::string>());
    }
    return text;
  }

  ApiWorld world;
  std::string first;
  std::string second;
};

std::string named(const std::string& kind, const std::string& device) {
  return fmt::format(R"("kind":"{}","device":"{}")", kind, device);
}

}  // namespace

TEST_CASE_FIXTURE(Actions, "actions: one is queued, listed, shown and cancelled") {
  const Json answer = queue(named("restart", first) + R"(,"reason":"leak")");
  CHECK(answer["queued"] == 1);
  CHECK(answer["changes"][0]["event"] == "ActionQueued");
  const std::string id = answer["id"];
  const Json listed = items("device=" + first);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["id"] == id);
  CHECK(listed[0]["n"] == answer["sequence"]);
  CHECK(listed[0]["device"] == first);
  CHECK(listed[0]["state"] == "queued");
  CHECK(listed[0]["asked_by"][0] == "admin");
  CHECK(listed[0]["reason"] == "leak");
  const Json shown = world.must(get, "/v1/actions/" + id);
  CHECK(shown["devices"] == 1);
  CHECK(shown["open"] == 1);
  CHECK(world.must(get, fmt::format("/v1/actions/{}", answer["sequence"].get<int>()))["id"] == id);
  CHECK(world.must(del, "/v1/actions/" + id)["changes"][0]["state"] == "cancelled");
  CHECK(code(del, "/v1/actions/" + id) == "action-over");
  CHECK(world.must(get, "/v1/actions/" + id)["over"] == true);
  CHECK(list_of(first) == "restart cancelled");
}

TEST_CASE_FIXTURE(Actions, "actions: a selection and a fleet, each rolled up under its id") {
  const Json several = queue(R"("kind":"blink","filter":"fleet = acme/thermo")");
  CHECK(several["queued"] == 2);
  const Json all = queue(R"("kind":"restart","fleet":"acme/thermo")");
  CHECK(all["queued"] == 2);
  CHECK(all["changes"].size() == 1);
  const std::string id = all["id"];
  CHECK(list_of(first) == "restart queued; blink queued");
  CHECK(items("bulk=" + several["id"].get<std::string>()).size() == 2);
  CHECK(items("bulk=" + id).size() == 1);
  CHECK(items("fleet=acme/thermo&state=open").size() == 3);
  CHECK(items("fleet=acme/kiosk").empty());
  CHECK(world.must(get, "/v1/actions/" + id)["counts"]["queued"] == 2);
  world.must(del, "/v1/actions/" + id, R"({"device":")" + first + R"("})");
  CHECK(list_of(first) == "restart cancelled; blink queued");
  CHECK(list_of(second) == "restart queued; blink queued");
  CHECK(world.must(get, "/v1/actions/" + id)["counts"]["cancelled"] == 1);
  world.must(del, "/v1/actions/" + id);
  CHECK(world.must(get, "/v1/actions/" + id)["over"] == true);
  CHECK(list_of(second) == "restart cancelled; blink queued");
}

TEST_CASE_FIXTURE(Actions, "actions: pages go on where the one before ended") {
  for (const std::string kind : {"restart", "blink", "reboot"}) queue(named(kind, first));
  const std::string list = "/v1/actions?device=" + first + "&limit=2";
  const Json page = world.must(get, list);
  CHECK(page["items"].size() == 2);
  CHECK(page["items"][0]["kind"] == "reboot");
  const Json rest = world.must(get, list + "&after=" + page["next"].get<std::string>());
  REQUIRE(rest["items"].size() == 1);
  CHECK(rest["items"][0]["kind"] == "restart");
  CHECK(rest["next"].is_null());
  CHECK(code(get, list + "&after=x") == "invalid-field");
  CHECK(code(get, "/v1/actions?state=later") == "invalid-field");
  CHECK(code(get, "/v1/actions?device=" + first + "&fleet=acme/thermo") == "invalid-field");
}

TEST_CASE_FIXTURE(Actions, "actions: what is asked for twice is one, and both answers know it") {
  const std::string one = queue(named("restart", first))["id"];
  const Json again = queue(named("restart", first));
  CHECK(again["queued"] == 0);
  CHECK(again["merged"] == 1);
  CHECK(items("device=" + first).size() == 1);
  const std::string other = again["id"];
  CHECK(other != one);
  world.must(del, "/v1/actions/" + other);
  for (const std::string& id : {one, other}) {
    CHECK(world.must(get, "/v1/actions/" + id)["counts"]["cancelled"] == 1);
  }
}

TEST_CASE_FIXTURE(Actions, "actions: bad fields and unknown things are refused, nothing is done") {
  const std::uint64_t head = world.head();
  const auto refused = [&](const std::string& body) { return code(post, "/v1/actions", body); };
  CHECK(refused("{" + named("jump", first) + "}") == "invalid-field");
  CHECK(refused(R"({"kind":"restart"})") == "invalid-field");
  CHECK(refused("{" + named("restart", first) + R"(,"fleet":"acme/thermo"})") == "invalid-field");
  CHECK(refused("{" + named("restart", first) + R"(,"deliver_by":"soon"})") == "invalid-field");
  CHECK(refused("{" + named("restart", first) + R"(,"max_parallel":0})") == "invalid-field");
  CHECK(refused("{" + named("shutdown", first) + "}") == "confirmation-needed");
  CHECK(refused("{" + named("os-update", first) + "}") == "invalid-field");
  CHECK(refused(R"({"kind":"restart","fleet":"acme/nosuch"})") == "unknown-fleet");
  CHECK(refused("{" + named("restart", first) + R"(,"online_only":true})") == "not-applicable");
  CHECK(code(get, "/v1/actions/01JD3V8Q6T5S4R3Q2P1N0M9K8J") == "unknown-action");
  CHECK(code(get, "/v1/actions/x") == "unknown-action");
  CHECK(code(del, "/v1/actions/7") == "unknown-action");
  CHECK(world.ask("admin", post, "/v1/actions?dry_run=true", "{" + named("reboot", first) + "}")
            .body["queued"] == 1);
  CHECK(world.head() == head);
}

TEST_CASE_FIXTURE(Actions, "actions: others see what their roles let them see") {
  world.user("observer");
  world.user("stranger");
  world.must(put, "/v1/fleets/acme/thermo/members/observer", R"({"role":"observer"})");
  const std::string id = queue(R"("kind":"restart","fleet":"acme/thermo")")["id"];
  CHECK(world.ask("observer", get, "/v1/actions/" + id).status == 200);
  CHECK(world.ask("observer", del, "/v1/actions/" + id).code() == "not-allowed");
  CHECK(world.ask("stranger", get, "/v1/actions/" + id).code() == "unknown-action");
  CHECK(world.ask("stranger", del, "/v1/actions/" + id).code() == "unknown-action");
  CHECK(world.ask("stranger", get, "/v1/actions").body["items"].empty());
  CHECK(world.ask("observer", get, "/v1/actions").body["items"].size() == 1);
}

TEST_CASE_FIXTURE(Actions, "actions: the server's clock ends what was not delivered in time") {
  const auto soon = to_rfc3339(SystemClock().now() + std::chrono::seconds{1});
  queue(named("restart", first) + R"(,"deliver_by":")" + soon + R"(")");
  const std::string all =
      queue(R"("kind":"blink","fleet":"acme/thermo","deliver_by":")" + soon + R"(")")["id"];
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  std::string list;
  while (list != "blink expired; restart expired" && std::chrono::steady_clock::now() < end) {
    list = list_of(first);
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  CHECK(list == "blink expired; restart expired");
  CHECK(items("device=" + first)[0]["cause"] == "not-delivered");
  CHECK(world.must(get, "/v1/actions/" + all)["counts"]["expired"] == 2);
}

TEST_CASE_FIXTURE(Actions, "move: where to is offered, the target changes and a purge is queued") {
  const std::string commit = world.release("kiosk", "cccccccc");
  const Json fleets = world.must(get, "/v1/devices/" + first + "/fleets")["items"];
  REQUIRE(fleets.size() == 1);
  CHECK(fleets[0]["fleet"] == "acme/kiosk");
  const Json answer =
      world.must(post, "/v1/devices/" + first + "/move", R"({"fleet":"acme/kiosk"})");
  CHECK(answer["changes"][0]["event"] == "DeviceMoved");
  CHECK(answer["changes"][0]["from"] == "acme/thermo");
  CHECK(world.must(get, "/v1/devices/" + first)["fleet"] == "acme/kiosk");
  const Json target = world.must(get, "/v1/devices/" + first + "/target");
  CHECK(target["release"]["commit"] == commit);
  CHECK(target["after_action"] == answer["sequence"]);
  CHECK(list_of(first) == "purge queued");
  CHECK(items("device=" + first)[0]["by_move"] == true);
  CHECK(code(post, "/v1/devices/" + first + "/move", R"({"fleet":"acme/kiosk"})") ==
        "already-in-fleet");
  world.must(post, "/v1/devices/move",
             fmt::format(R"({{"devices":["{}","{}"],"fleet":"acme/thermo"}})", first, second));
  CHECK(world.must(get, "/v1/devices/" + first + "/target")["after_action"].is_null());
  CHECK(list_of(first) == "purge cancelled");
}
