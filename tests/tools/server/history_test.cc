#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Histories over HTTP: what is in them, and for whom.

namespace {

constexpr auto get = HttpMethod::get;
constexpr auto post = HttpMethod::post;
constexpr auto put = HttpMethod::put;
constexpr auto del = HttpMethod::del;

/// A fleet with a release, two devices, and members of it and of another fleet.
struct Fleets {
  Fleets() {
    world.fleet("thermo");
    world.fleet("lamp");
    world.release("thermo", "aaaaaaaa");
    world.release("lamp", "bbbbbbbb");
    device = world.device("thermo");
    other = world.device("thermo");
    for (const std::string name : {"observer", "lampist", "stranger", "plain"}) world.user(name);
    world.user("auditor", R"(["auditor"])");
    world.user("instance", R"(["administrator"])");
    world.must(put, "/v1/fleets/acme/thermo/members/observer", R"({"role":"observer"})");
    world.must(put, "/v1/fleets/acme/lamp/members/lampist", R"({"role":"observer"})");
    world.must(put, "/v1/organisations/acme/members/plain", R"({"role":"member"})");
  }

  std::vector<std::string> events(const std::string& user, const std::string& path) {
    const Reply reply = world.ask(user, get, path);
    REQUIRE_MESSAGE(reply.status == 200, path << " " << reply.body.dump());
    std::vector<std::string> names;
    for (const Json& item : reply.body["items"]) names.push_back(item["event"]);
    return names;
  }

  ApiWorld world;
  std::string device;
  std::string other;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("history over HTTP: what happened, newest first, with who, when and why") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string device = "/v1/devices/" + fleets.device;
  world.must(post, device + "/pin", R"({"release":"id:1","reason":"try it"})");
  const Json page = world.must(get, device + "/history");
  CHECK(fleets.events("admin", device + "/history") == Names{"DevicePinned", "DeviceRegistered"});
  const Json& pin = page["items"][0];
  CHECK(pin["sequence"] == world.head());
  CHECK(pin["actor"] == "admin");
  CHECK(pin["reason"] == "try it");
  CHECK(pin["details"]["to"].get<std::string>().starts_with("aaaaaaaa"));
  CHECK(pin["at"].get<std::string>().ends_with("Z"));
  CHECK(page["next"].is_null());
  CHECK(fleets.events("admin", device + "/history?order=asc") ==
        Names{"DeviceRegistered", "DevicePinned"});
  CHECK(fleets.events("admin", device.substr(0, 20) + "/history?kind=DevicePinned,DeviceMoved") ==
        Names{"DevicePinned"});
  CHECK(fleets.events("admin", device + "/history?actor=observer").empty());
  CHECK(fleets.events("admin", device + "/history?actor=admin").size() == 2);
  CHECK(fleets.events("admin", device + "/history?actor=muster").empty());
  const Names fleet = fleets.events("admin", "/v1/fleets/acme/thermo/history");
  CHECK(fleet.front() == "DevicePinned");
  CHECK(fleet.back() == "FleetCreated");
}

TEST_CASE("history over HTTP: pages meet each event once, both ways") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  for (const std::string order : {"asc", "desc"}) {
    const std::string path = "/v1/fleets/acme/thermo/history?order=" + order;
    const Names all = fleets.events("admin", path);
    REQUIRE(all.size() >= 6);
    Names paged;
    std::string after;
    do {
      const Json page = world.must(get, path + "&limit=2" + after);
      CHECK(page["items"].size() <= 2);
      for (const Json& item : page["items"]) paged.push_back(item["event"]);
      after = page["next"].is_null() ? "" : "&after=" + page["next"].get<std::string>();
    } while (!after.empty());
    CHECK(paged == all);
  }
  CHECK(fleets.events("admin", "/v1/fleets/acme/thermo/history?after=1").empty());
}

TEST_CASE("history over HTTP: a bad question is refused by name") {
  Fleets fleets;
  const std::string path = "/v1/devices/" + fleets.device + "/history?";
  for (const std::string query :
       {"order=up", "after=x", "after=0", "limit=0", "limit=1001", "kind=Pinned", "kind="}) {
    CAPTURE(query);
    const Reply reply = fleets.world.ask("admin", get, path + query);
    CHECK(reply.status == 400);
    CHECK(reply.code() == "invalid-field");
  }
  CHECK(fleets.world.ask("admin", get, path + "actor=nobody").code() == "unknown-user");
}

TEST_CASE("history over HTTP: of fleets one does not see, nothing is there") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string device = "/v1/devices/" + fleets.device + "/history";
  const std::string fleet = "/v1/fleets/acme/thermo/history";
  for (const std::string name : {"stranger", "plain", "lampist", "instance"}) {
    CAPTURE(name);
    CHECK(world.ask(name, get, device).code() == "unknown-device");
    CHECK(world.ask(name, get, fleet).code() == "unknown-fleet");
  }
  for (const std::string name : {"admin", "observer", "auditor"}) {
    CAPTURE(name);
    CHECK(fleets.events(name, device) == Names{"DeviceRegistered"});
    CHECK(fleets.events(name, fleet).size() == fleets.events("admin", fleet).size());
  }
}

TEST_CASE("history over HTTP: who sees one side of a move sees nothing of the other") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string device = "/v1/devices/" + fleets.device;
  world.must(post, device + "/pin", R"({"release":"id:1"})");
  world.must(post, device + "/move", R"({"fleet":"acme/lamp"})");
  CHECK(world.ask("observer", get, device + "/history").code() == "unknown-device");
  const Json page = world.ask("lampist", get, device + "/history").body;
  REQUIRE(page["items"].size() == 2);  // The move, and the purge it queued.
  CHECK(page["items"][1]["event"] == "DeviceMoved");
  CHECK(page["items"][1]["details"]["from"].is_null());
  CHECK(page["items"][1]["details"]["previous_pin"].is_null());
  CHECK(page.dump().find("thermo") == std::string::npos);
  const Names left = fleets.events("observer", "/v1/fleets/acme/thermo/history");
  CHECK(left.front() == "DeviceMoved");
  const Json seen = world.ask("observer", get, "/v1/fleets/acme/thermo/history?limit=1").body;
  CHECK(seen["items"][0]["details"]["to"].is_null());
  CHECK(seen.dump().find("lamp") == std::string::npos);
  CHECK(fleets.events("admin", device + "/history").size() == 4);
}

TEST_CASE("history over HTTP: former names are found, and what is gone") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  world.must(del, "/v1/devices/" + fleets.device, R"({"confirm":true})");
  CHECK(world.ask("admin", get, "/v1/devices/" + fleets.device).status == 404);
  CHECK(fleets.events("observer", "/v1/devices/" + fleets.device + "/history").front() ==
        "DeviceDeleted");
  world.must(post, "/v1/fleets/acme/thermo/rename", R"({"name":"boilers"})");
  CHECK(fleets.events("observer", "/v1/fleets/acme/thermo/history").front() == "FleetRenamed");
  world.must(del, "/v1/fleets/acme/boilers", R"({"confirm":true,"expect_count":1})");
  CHECK(fleets.events("observer", "/v1/fleets/acme/boilers/history").front() == "FleetDeleted");
  CHECK(fleets.events("admin", "/v1/devices/" + fleets.other + "/history").size() == 1);
  CHECK(world.ask("stranger", get, "/v1/fleets/acme/boilers/history").code() == "unknown-fleet");
}

TEST_CASE("history over HTTP: organisations' are for administrators, users' for themselves") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string acme = "/v1/organisations/acme/history";
  CHECK(world.ask("stranger", get, acme).code() == "unknown-organisation");
  CHECK(world.ask("plain", get, acme).code() == "not-allowed");
  const Names all = fleets.events("admin", acme);
  CHECK(std::ranges::count(all, "FleetCreated") == 2);
  CHECK(fleets.events("auditor", acme) == all);
  // Who administers the instance sees no fleet by that.
  CHECK(std::ranges::count(fleets.events("instance", acme), "FleetCreated") == 0);
  CHECK(fleets.events("instance", acme).back() == "OrganisationCreated");
  CHECK(world.ask("stranger", get, "/v1/users/plain/history").code() == "unknown-user");
  CHECK(fleets.events("plain", "/v1/users/plain/history").back() == "UserCreated");
  CHECK(fleets.events("plain", "/v1/users/plain/history").front() == "OrganisationMemberSet");
  CHECK(std::ranges::count(fleets.events("instance", "/v1/users/admin/history?limit=1000"),
                           "DeviceRegistered") == 0);
  CHECK(std::ranges::count(fleets.events("auditor", "/v1/users/admin/history?limit=1000"),
                           "DeviceRegistered") == 2);
}

namespace {

/// `role:event` of each link of the chain.
Names chain_of(ApiWorld& world, const std::string& device) {
  Names links;
  const Json why = world.must(get, "/v1/devices/" + device + "/why");
  for (const Json& link : why["chain"]) {
    links.push_back(link["role"].get<std::string>() + ":" + link["event"].get<std::string>());
  }
  return links;
}

}  // namespace

TEST_CASE("why over HTTP: the chain goes from the target back to what led to it") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string device = "/v1/devices/" + fleets.device;
  CHECK(chain_of(world, fleets.device) ==
        Names{"target:FleetTargetChanged", "because:ReleaseCreated", "follows:DeviceRegistered"});
  world.must(post, "/v1/fleets/acme/thermo/pin", R"({"release":"id:1"})");
  world.release("thermo", "cccccccc");
  world.must(post, "/v1/fleets/acme/thermo/pin", R"({"release":"id:3","reason":"all of them"})");
  const Names pinned{"target:FleetTargetChanged", "because:FleetPinned", "follows:DeviceRegistered",
                     "release:ReleaseCreated"};
  CHECK(chain_of(world, fleets.device) == pinned);
  const Json fleet_pin = world.must(get, device + "/why");
  CHECK(fleet_pin["chain"][1]["reason"] == "all of them");
  CHECK(fleet_pin["fleet_policy"] == "pinned");
  world.must(post, device + "/pin", R"({"release":"id:1","reason":"a canary"})");
  CHECK(chain_of(world, fleets.device) == Names{"target:DevicePinned", "release:ReleaseCreated"});
  const Json own = world.must(get, device + "/why");
  CHECK(own["policy"] == "pinned");
  CHECK(own["target_release"].get<std::string>().starts_with("aaaaaaaa"));
  CHECK(own["target_seq"] == own["chain"][0]["sequence"]);
  CHECK(own["chain"][0]["reason"] == "a canary");
  world.must(post, device + "/track-fleet");
  CHECK(chain_of(world, fleets.device)[2] == "follows:DeviceTrackingFleet");
  world.must(post, device + "/move", R"({"fleet":"acme/lamp","pin":"id:2"})");
  CHECK(chain_of(world, fleets.device) == Names{"target:DeviceMoved", "release:ReleaseCreated"});
}

TEST_CASE("why over HTTP: a device without a target has a reason for that, too") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  world.fleet("empty");
  CHECK(chain_of(world, world.device("empty")) == Names{"follows:DeviceRegistered"});
  world.must(del, "/v1/devices/" + fleets.device, R"({"confirm":true})");
  CHECK(chain_of(world, fleets.device) == Names{"ended:DeviceDeleted"});
  world.must(del, "/v1/fleets/acme/thermo", R"({"confirm":true,"expect_count":1})");
  CHECK(chain_of(world, fleets.other) == Names{"ended:FleetDeleted"});
  CHECK(world.ask("stranger", get, "/v1/devices/" + fleets.other + "/why").code() ==
        "unknown-device");
  CHECK(world.ask("lampist", get, "/v1/devices/" + fleets.other + "/why").code() ==
        "unknown-device");
}

TEST_CASE("as-of over HTTP: a device is as it was then, not as it is") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string device = "/v1/devices/" + fleets.device;
  const auto before = world.head();
  world.must(post, device + "/pin", R"({"release":"id:1"})");
  const auto pinned = world.head();
  world.must(HttpMethod::patch, device, R"({"name":"kitchen"})");
  world.must(post, "/v1/actions", R"({"kind":"restart","device":")" + fleets.device + R"("})");
  const auto queued = world.head();
  world.must(post, device + "/move", R"({"fleet":"acme/lamp"})");
  const auto at = [&](std::uint64_t sequence) {
    return world.must(get, fmt::format("{}/as-of?at={}", device, sequence))["device"];
  };
  CHECK(at(before)["policy"] == "tracking");
  CHECK(at(pinned)["policy"] == "pinned");
  CHECK(at(pinned)["target_seq"] == pinned);
  CHECK(at(pinned)["queue"].empty());
  CHECK(at(queued)["name"] == "kitchen");
  CHECK(at(queued)["queue"][0]["kind"] == "restart");
  CHECK(at(queued)["fleet"] == "acme/thermo");
  CHECK(at(world.head())["fleet"] == "acme/lamp");
  // Inside the command of the move (two events and the cancelled action) it had not happened.
  const Json inside = world.must(get, fmt::format("{}/as-of?at={}", device, queued + 1));
  CHECK(inside["moment"]["sequence"] == queued);
  const Json late = world.must(get, device + "/as-of?at=2099-01-01T00:00:00Z");
  CHECK(late["moment"]["sequence"] == world.head());
  CHECK(world.ask("admin", get, device + "/as-of?at=18").code() == "unknown-device");
  // Who sees the fleet that it is in now sees nothing of when it was elsewhere.
  CHECK(world.ask("lampist", get, device + "/as-of?at=9999").status == 200);
  const Reply elsewhere = world.ask("lampist", get, fmt::format("{}/as-of?at={}", device, pinned));
  CHECK(elsewhere.code() == "unknown-device");
  CHECK(elsewhere.body.dump().find("thermo") == std::string::npos);
}

TEST_CASE("as-of over HTTP: a fleet has the devices, members and policy of then, in pages") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string fleet = "/v1/fleets/acme/thermo";
  const auto before = world.head();
  world.must(post, fleet + "/pin", R"({"release":"id:1"})");
  world.must(post, "/v1/devices/" + fleets.other + "/move", R"({"fleet":"acme/lamp"})");
  world.must(del, "/v1/devices/" + fleets.device, R"({"confirm":true})");
  world.must(put, fleet + "/members/observer", R"({"role":"developer"})");
  world.device("thermo");
  const std::string at = fmt::format("/as-of?at={}", before);
  const Json then = world.must(get, fleet + at);
  CHECK(then["items"].size() == 2);
  CHECK(then["items"][0]["uuid"] == fleets.device);
  CHECK(then["items"][1]["uuid"] == fleets.other);
  CHECK(then["items"][1]["fleet"] == "acme/thermo");
  CHECK(then["fleet"]["policy"] == "track-latest");
  CHECK(then["fleet"]["devices"] == 2);
  CHECK(then["fleet"]["members"].dump().find("observer\",\"role\":\"observer") !=
        std::string::npos);
  const Json first = world.must(get, fleet + at + "&limit=1");
  CHECK(first["items"].size() == 1);
  const Json second =
      world.must(get, fleet + at + "&limit=1&after=" + first["next"].get<std::string>());
  CHECK(second["items"][0]["uuid"] == fleets.other);
  CHECK(second["next"].is_null());
  CHECK(world.must(get, fleet + "/as-of?at=99999")["items"].size() == 1);
  CHECK(world.ask("lampist", get, fleet + at).code() == "unknown-fleet");
  CHECK(world.ask("observer", get, fleet + at).status == 200);
}

TEST_CASE("as-of over HTTP: everything is what the caller sees of it") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const std::string at = fmt::format("/v1/as-of?at={}", world.head());
  world.must(del, "/v1/devices/" + fleets.device, R"({"confirm":true})");
  for (const std::string name : {"admin", "auditor"}) {
    const Json all = world.ask(name, get, at).body;
    CHECK(all["fleets"].size() == 2);
    CHECK(all["items"].size() == 2);
    CHECK(all["organisations"][0]["members"].size() == 2);
  }
  const Json observed = world.ask("observer", get, at).body;
  CHECK(observed["fleets"].size() == 1);
  CHECK(observed["items"].size() == 2);
  CHECK(observed["organisations"].empty());
  CHECK(world.ask("lampist", get, at).body["items"].empty());
  CHECK(world.ask("stranger", get, at).body["fleets"].empty());
  CHECK(world.ask("instance", get, at).body["fleets"].empty());
  CHECK(world.ask("instance", get, at).body["organisations"].size() == 1);
  for (const std::string query : {"", "?at=", "?at=0", "?at=yesterday", "?at=1999-01-01T00:00:00Z",
                                  "?at=18&limit=0", "?at=18&limit=10001", "?at=18&after=x"}) {
    CAPTURE(query);
    CHECK(world.ask("admin", get, "/v1/as-of" + query).code() == "invalid-field");
  }
}

TEST_CASE("diff over HTTP: whose targets changed, from what to what, by whom and which event") {
  Fleets fleets;
  ApiWorld& world = fleets.world;
  const auto first = world.head();
  const std::string newer = world.release("thermo", "cccccccc");  // Both devices follow.
  const auto released = world.head();
  world.must(post, "/v1/devices/" + fleets.device + "/pin",
             R"({"release":"id:1","reason":"back again"})");
  const auto pinned = world.head();
  world.must(post, "/v1/devices/" + fleets.other + "/move", R"({"fleet":"acme/lamp"})");
  const auto diff = [&](const std::string& user, std::uint64_t from, std::uint64_t to) {
    const Reply reply = world.ask(user, get, fmt::format("/v1/diff?from={}&to={}", from, to));
    REQUIRE_MESSAGE(reply.status == 200, reply.body.dump());
    return reply.body["items"];
  };
  const Json followed = diff("admin", first, released);
  REQUIRE(followed.size() == 2);
  CHECK(followed[0]["device"] == fleets.device);
  CHECK(followed[0]["from"].get<std::string>().starts_with("aaaaaaaa"));
  CHECK(followed[0]["to"] == newer);
  CHECK(followed[0]["event"] == "FleetTargetChanged");
  CHECK(followed[0]["sequence"] == released);
  const Json one = diff("admin", released, pinned);
  REQUIRE(one.size() == 1);
  CHECK(one[0]["event"] == "DevicePinned");
  CHECK(one[0]["reason"] == "back again");
  CHECK(one[0]["actor"] == "admin");
  // Back where it was: nothing changed for it between the two moments.
  CHECK(diff("admin", first, pinned).size() == 1);
  CHECK(diff("admin", pinned, pinned).empty());
  const Json left = diff("observer", pinned, 99999);
  REQUIRE(left.size() == 1);  // It is gone, for who does not see where to.
  CHECK(left[0]["device"] == fleets.other);
  CHECK(left[0]["to"].is_null());
  CHECK(left[0]["event"] == "DeviceMoved");
  CHECK(left.dump().find("lamp") == std::string::npos);
  CHECK(diff("lampist", first, 99999)[0]["from"].is_null());
  CHECK(diff("stranger", first, 99999).empty());
  CHECK(world.must(get, "/v1/diff?from=18&to=99999&limit=1")["next"].is_string());
  CHECK(world.ask("lampist", get, "/v1/diff?from=18&to=20&fleet=acme/thermo").code() ==
        "unknown-fleet");
  for (const std::string query : {"", "?from=18", "?from=20&to=18", "?from=18&to=20&after=x"}) {
    CAPTURE(query);
    CHECK(world.ask("admin", get, "/v1/diff" + query).code() == "invalid-field");
  }
}
