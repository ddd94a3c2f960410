#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// The log as CloudEvents over HTTP.

namespace {

using namespace std::chrono_literals;

constexpr auto post = HttpMethod::post;
constexpr auto put = HttpMethod::put;

/// The events that `user` gets.
std::vector<Json> events_of(ApiWorld& world, const std::string& user,
                            const std::string& query = "") {
  HttpClient client(world.url(), world.token_of(user), 20s);
  std::string text;
  const auto answer = client.converse(
      "/v1/events" + query, {},
      {.source = nullptr, .sink = [&text](std::string_view part) { text += part; }});
  REQUIRE_MESSAGE(answer.has_value(), answer.error().message);
  REQUIRE_MESSAGE(answer->status == 200, answer->body);
  std::vector<Json> events;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    REQUIRE(end != std::string::npos);
    events.push_back(Json::parse(text.substr(start, end - start)));
    start = end + 1;
  }
  return events;
}

std::size_t count(const std::vector<Json>& events, const std::string& type) {
  return static_cast<std::size_t>(std::ranges::count(
      events, "muster." + type, [](const Json& e) { return e["type"].get<std::string>(); }));
}

struct Exported {
  Exported() {
    world.fleet("thermo");
    world.fleet("lamp");
    world.release("thermo", "aaaaaaaa");
    device = world.device("thermo");
    world.device("lamp");
    for (const std::string name : {"observer", "stranger"}) world.user(name);
    world.user("auditor", R"(["auditor"])");
    world.must(put, "/v1/fleets/acme/thermo/members/observer", R"({"role":"observer"})");
  }

  ApiWorld world;
  std::string device;
};

}  // namespace

TEST_CASE("export over HTTP: an auditor gets every event once, in order, as a CloudEvent") {
  Exported exported;
  ApiWorld& world = exported.world;
  world.must(post, "/v1/devices/" + exported.device + "/pin",
             R"({"release":"id:1","reason":"try it"})");
  const auto events = events_of(world, "auditor");
  REQUIRE(events.size() == world.head());
  for (std::size_t i = 0; i < events.size(); ++i) {
    REQUIRE(events[i]["id"] == fmt::format("{}", i + 1));
    REQUIRE(events[i]["sequence"] == fmt::format("{:016}", i + 1));
    for (const std::string name : {"specversion", "source", "type", "subject", "time", "data"}) {
      REQUIRE(events[i].contains(name));
    }
    for (const auto& [name, value] : events[i].items()) {
      REQUIRE(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == name.npos);
      REQUIRE(!value.is_null());  // An attribute that is not there is left out.
    }
  }
  const Json& pin = events.back();
  CHECK(pin["specversion"] == "1.0");
  CHECK(pin["type"] == "muster.DevicePinned");
  CHECK(pin["subject"] == "devices/" + exported.device);
  CHECK(pin["actor"] == "admin");
  CHECK(pin["reason"] == "try it");
  CHECK(pin["data"]["to"].get<std::string>().starts_with("aaaaaaaa"));
  CHECK_FALSE(events.front().contains("reason"));
}

TEST_CASE("export over HTTP: it goes on behind any event, and cuts no command") {
  Exported exported;
  ApiWorld& world = exported.world;
  const auto all = events_of(world, "auditor");
  std::vector<Json> parts;
  while (parts.size() < all.size()) {
    const auto part = events_of(world, "auditor", fmt::format("?limit=3&after={}", parts.size()));
    REQUIRE(!part.empty());
    const Json& last = part.back();
    CHECK(last["commandindex"].get<int>() + 1 == last["commandcount"].get<int>());
    parts.insert(parts.end(), part.begin(), part.end());
  }
  CHECK(parts == all);
  CHECK(events_of(world, "auditor", fmt::format("?after={}", all.size())).empty());
}

TEST_CASE("export over HTTP: everybody gets what it may see, and no more") {
  Exported exported;
  ApiWorld& world = exported.world;
  world.must(post, "/v1/devices/" + exported.device + "/move", R"({"fleet":"acme/lamp"})");
  const auto seen = events_of(world, "observer");
  CHECK(count(seen, "FleetCreated") == 1);
  CHECK(count(seen, "DeviceRegistered") == 1);
  CHECK(count(seen, "DeviceMoved") == 1);  // Without where to.
  CHECK(count(seen, "UserCreated") == 1);
  CHECK(count(seen, "TokenIssued") == 1);
  CHECK(count(seen, "OrganisationCreated") == 0);
  CHECK(count(seen, "LogCreated") == 1);
  for (const Json& event : seen) CHECK(event.dump().find("lamp") == std::string::npos);
  const auto nothing = events_of(world, "stranger");
  CHECK(count(nothing, "FleetCreated") + count(nothing, "DeviceRegistered") == 0);
  CHECK(count(nothing, "UserCreated") == 1);
  CHECK(count(events_of(world, "admin"), "DeviceMoved") == 1);
}

TEST_CASE("export over HTTP: a follower hears of what happens from then on") {
  Exported exported;
  ApiWorld& world = exported.world;
  const auto head = world.head();
  std::mutex mutex;
  std::string heard;
  std::atomic<bool> pinned{false};
  HttpClient client(world.url(), world.token_of("auditor"), 3s);
  std::jthread follower([&] {
    // Ends when nothing comes for as long as the client waits.
    (void)client.converse(fmt::format("/v1/events?follow=true&after={}", head), {},
                          {.source = nullptr, .sink = [&](std::string_view part) {
                             const std::scoped_lock lock(mutex);
                             heard += part;
                             pinned = heard.find("DevicePinned") != std::string::npos;
                           }});
  });
  world.must(post, "/v1/devices/" + exported.device + "/pin", R"({"release":"id:1"})");
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!pinned && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(1ms);
  CHECK(pinned);
  const std::scoped_lock lock(mutex);
  CHECK(heard.find(fmt::format("\"id\":\"{}\"", head + 1)) != std::string::npos);
  CHECK(heard.find(fmt::format("\"id\":\"{}\"", head)) == std::string::npos);
}

TEST_CASE("export over HTTP: bad questions are refused, and so are too many exports at once") {
  Exported exported;
  ApiWorld& world = exported.world;
  for (const std::string query : {"?after=x", "?after=99999", "?limit=-1", "?follow=perhaps"}) {
    CAPTURE(query);
    CHECK(world.ask("admin", HttpMethod::get, "/v1/events" + query).code() == "invalid-field");
  }
}
