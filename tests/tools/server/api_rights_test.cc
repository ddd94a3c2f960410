#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Who may do and read what, over HTTP: a row for each command and each resource, a column for each
// kind of user. Commands are dry runs, so that each meets the same state.

namespace {

enum class May { nothing, read, operate, develop, administer };

struct Somebody {
  std::string name;
  May in_fleet;
};

struct Row {
  HttpMethod method;
  std::string path;
  std::string body;
  May needed;
  std::string unseen;  // The code for who may not see the thing.
};

constexpr auto get = HttpMethod::get;
constexpr auto post = HttpMethod::post;
constexpr auto put = HttpMethod::put;
constexpr auto del = HttpMethod::del;

/// One server for all cases of this file: dry runs leave it as it is.
struct Rights {
  Rights() {
    world.fleet("thermo");
    release = world.release("thermo", "aaaaaaaa");
    device = world.device("thermo");
    pinned = world.device("thermo");
    world.must(post, "/v1/devices/" + pinned + "/pin", R"({"release":"id:1"})");
    world.must(post, "/v1/fleets/acme/thermo/releases",
               R"({"commit":"bbbbbbbbbbbb","draft":true,"status":"running"})");
    for (const std::string role : {"observer", "operator", "developer", "administrator"}) {
      world.user(role);
      world.must(put, "/v1/fleets/acme/thermo/members/" + role, R"({"role":")" + role + R"("})");
    }
    for (const std::string name : {"chief", "plain", "stranger"}) world.user(name);
    world.user("instance", R"(["administrator","auditor","support"])");
    world.must(put, "/v1/organisations/acme/members/chief", R"({"role":"administrator"})");
    world.must(put, "/v1/organisations/acme/members/plain", R"({"role":"member"})");
    world.token("chief-observer", "chief", R"(,"role_limit":"observer")");
    world.token("chief-developer", "chief", R"(,"role_limit":"developer")");
    world.token("chief-administrator", "chief", R"(,"role_limit":"administrator")");
    world.token("limited-instance", "instance", R"(,"role_limit":"administrator")");
  }

  const std::vector<Somebody> everybody{
      {"stranger", May::nothing},        {"plain", May::nothing},
      {"instance", May::nothing},        {"limited-instance", May::nothing},
      {"observer", May::read},           {"operator", May::operate},
      {"developer", May::develop},       {"administrator", May::administer},
      {"chief", May::administer},        {"chief-observer", May::read},
      {"chief-developer", May::develop}, {"chief-administrator", May::administer},
  };

  ApiWorld world;
  std::string release;
  std::string device;
  std::string pinned;
};

Rights& rights() {
  static Rights all;
  return all;
}

const std::string other_uuid = "ffffffffffffffffffffffffffffffff";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// The row about things of which there are none.
Row missing(const Row& row) {
  const auto change = [&](const std::string& text) {
    std::string changed = replaced(text, "acme/thermo", "acme/nosuch");
    changed = replaced(changed, rights().device, other_uuid);
    return replaced(replaced(changed, "/id:1", "/id:9"), "/id:2", "/id:9");
  };
  return {row.method, change(row.path), change(row.body), row.needed, row.unseen};
}

std::string text_as_of(const Reply& reply) {
  std::string text = replaced(reply.body.dump(), "acme/nosuch", "acme/thermo");
  return replaced(replaced(text, other_uuid, rights().device), "id:9", "id:N");
}

void check(const Row& row) {
  const std::string path = row.method == get ? row.path : row.path + "?dry_run=true";
  CAPTURE(to_string(row.method));
  CAPTURE(path);
  for (const Somebody& one : rights().everybody) {
    CAPTURE(one.name);
    const Reply reply = rights().world.ask(one.name, row.method, path, row.body);
    CAPTURE(reply.body.dump());
    if (one.in_fleet >= row.needed) {
      CHECK(reply.status == 200);
    } else if (one.in_fleet >= May::read) {
      CHECK(reply.status == 403);
      CHECK(reply.code() == "not-allowed");
    } else {
      CHECK(reply.status == 404);
      CHECK(reply.code() == row.unseen);
      const Row none = missing(row);
      const std::string there = row.method == get ? none.path : none.path + "?dry_run=true";
      const Reply same = rights().world.ask(one.name, none.method, there, none.body);
      CHECK(same.status == 404);
      CHECK(text_as_of(same) ==
            replaced(replaced(reply.body.dump(), "id:1", "id:N"), "id:2", "id:N"));
    }
  }
}

}  // namespace

TEST_CASE("rights: each command is for its role and those above it; others see nothing there") {
  const std::string fleet = "/v1/fleets/acme/thermo";
  const std::string device = "/v1/devices/" + rights().device;
  const std::string devices = R"({"devices":[")" + rights().device + R"("])";
  const std::vector<Row> rows{
      {post, fleet + "/devices", R"({})", May::operate, "unknown-fleet"},
      {HttpMethod::patch, device, R"({"name":"Hall-7"})", May::operate, "unknown-device"},
      {HttpMethod::patch, device, R"({"note":"n"})", May::operate, "unknown-device"},
      {HttpMethod::patch, device, R"({"tags":{"a":"b"}})", May::operate, "unknown-device"},
      {post, device + "/pin", R"({"release":"id:1"})", May::operate, "unknown-device"},
      {post, device + "/track-fleet", "", May::operate, "unknown-device"},
      {post, "/v1/devices/pin", devices + R"(,"release":"id:1"})", May::operate, "unknown-device"},
      {post, "/v1/devices/track-fleet", devices + "}", May::operate, "unknown-device"},
      {post, "/v1/actions", R"({"kind":"restart","device":")" + rights().device + R"("})",
       May::operate, "unknown-device"},
      {post, "/v1/actions", R"({"kind":"restart","fleet":"acme/thermo"})", May::operate,
       "unknown-fleet"},
      {post, "/v1/actions", R"({"kind":"purge","fleet":"acme/thermo","confirm":true})",
       May::operate, "unknown-fleet"},
      {post, fleet + "/pin", R"({"release":"id:1"})", May::develop, "unknown-fleet"},
      {post, fleet + "/track-latest", "", May::develop, "unknown-fleet"},
      {post, fleet + "/releases", R"({"commit":"cccccccccc"})", May::develop, "unknown-fleet"},
      {post, fleet + "/releases/id:2/finish", R"({"status":"failed"})", May::develop,
       "unknown-fleet"},
      {post, fleet + "/releases/id:2/finalize", "", May::develop, "unknown-fleet"},
      {post, fleet + "/releases/id:1/invalidate", R"({"reason":"r"})", May::develop,
       "unknown-fleet"},
      {post, fleet + "/releases/id:1/validate", "", May::develop, "unknown-fleet"},
      {del, fleet + "/releases/id:2", "", May::develop, "unknown-fleet"},
      {post, "/v1/releases/id:2/finish", R"({"status":"failed"})", May::develop, "unknown-release"},
      {post, "/v1/releases/id:2/finalize", "", May::develop, "unknown-release"},
      {post, "/v1/releases/id:1/invalidate", R"({"reason":"r"})", May::develop, "unknown-release"},
      {post, "/v1/releases/id:1/validate", "", May::develop, "unknown-release"},
      {del, "/v1/releases/id:2", "", May::develop, "unknown-release"},
      {put, fleet + "/members/stranger", R"({"role":"observer"})", May::administer,
       "unknown-fleet"},
      {del, fleet + "/members/observer", "", May::administer, "unknown-fleet"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("rights: settings and lives of devices and of fleets, each for its role") {
  const std::string fleet = "/v1/fleets/acme/thermo";
  const std::string device = "/v1/devices/" + rights().device;
  const std::string devices = R"({"devices":[")" + rights().device + R"("])";
  const std::string until = R"({"until":"2099-01-01T00:00:00Z"})";
  const std::string yes = R"({"confirm":true})";
  const std::vector<Row> rows{
      {post, device + "/public-url", R"({"enabled":true})", May::operate, "unknown-device"},
      {post, "/v1/devices/public-url", devices + R"(,"enabled":true})", May::operate,
       "unknown-device"},
      {post, device + "/lock-override", R"({"enabled":true,"keep":true})", May::operate,
       "unknown-device"},
      {post, device + "/local-mode", R"({"enabled":false})", May::operate, "unknown-device"},
      {post, device + "/support", until, May::operate, "unknown-device"},
      {post, device + "/revoke-support", "", May::operate, "unknown-device"},
      {post, device + "/change-type", R"({"device_type":"raspberrypi5"})", May::operate,
       "unknown-device"},
      {del, device, yes, May::operate, "unknown-device"},
      {post, "/v1/devices/delete", devices + R"(,"confirm":true})", May::operate, "unknown-device"},
      {post, fleet + "/public-url", R"({"enabled":true})", May::administer, "unknown-fleet"},
      {post, fleet + "/support", until, May::administer, "unknown-fleet"},
      {post, fleet + "/revoke-support", "", May::administer, "unknown-fleet"},
      {post, fleet + "/change-type", R"({"type":"essentials"})", May::administer, "unknown-fleet"},
      {post, fleet + "/rename", R"({"name":"boilers"})", May::administer, "unknown-fleet"},
      {del, fleet, R"({"confirm":true,"expect_count":2})", May::administer, "unknown-fleet"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("rights: each resource is for all who have a role, and for nobody else") {
  const std::string fleet = "/v1/fleets/acme/thermo";
  const std::string device = "/v1/devices/" + rights().device;
  const std::vector<Row> rows{
      {get, fleet, "", May::read, "unknown-fleet"},
      {get, fleet + "/members", "", May::read, "unknown-fleet"},
      {get, fleet + "/releases", "", May::read, "unknown-fleet"},
      {get, fleet + "/releases/id:1", "", May::read, "unknown-fleet"},
      {get, "/v1/releases/id:1", "", May::read, "unknown-release"},
      {get, "/v1/devices?fleet=acme/thermo", "", May::read, "unknown-fleet"},
      {get, device, "", May::read, "unknown-device"},
      {get, device + "/target", "", May::read, "unknown-device"},
      {get, device + "/fleets", "", May::read, "unknown-device"},
      {get, "/v1/actions?device=" + rights().device, "", May::read, "unknown-device"},
      {get, "/v1/actions?fleet=acme/thermo", "", May::read, "unknown-fleet"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("rights: lists hold what one may see and nothing else") {
  const std::vector<std::pair<std::string, std::size_t>> lists{
      {"/v1/fleets", 1}, {"/v1/devices", 2}, {"/v1/organisations", 1}};
  for (const auto& [path, count] : lists) {
    CAPTURE(path);
    for (const Somebody& one : rights().everybody) {
      CAPTURE(one.name);
      const bool organisations = path == "/v1/organisations";
      const bool sees = one.in_fleet >= May::read ||
                        (organisations && (one.name == "plain" || one.name == "instance"));
      CHECK(rights().world.ask(one.name, get, path).body["items"].size() == (sees ? count : 0));
    }
  }
  for (const Somebody& one : rights().everybody) {
    CAPTURE(one.name);
    const std::size_t users = rights().world.ask(one.name, get, "/v1/users").body["items"].size();
    CHECK((one.name == "instance" ? users > 5 : users == 1));
  }
}

TEST_CASE(
    "rights: an ambiguous uuid tells of the devices one sees, however many others there are") {
  ApiWorld& world = rights().world;
  world.fleet("hidden");
  world.fleet("shown");
  world.must(put, "/v1/fleets/acme/shown/members/stranger", R"({"role":"operator"})");
  const auto add = [&](const std::string& fleet, int number) {
    world.must(post, "/v1/fleets/acme/" + fleet + "/devices",
               fmt::format(R"({{"uuid":"abcdef0{:025x}"}})", number));
  };
  for (int i = 0; i < 15; ++i) add("hidden", i);
  CHECK(world.ask("stranger", get, "/v1/devices/abcdef0").code() == "unknown-device");
  CHECK(world.ask("chief", get, "/v1/devices/abcdef0").body["candidates"].size() == 10);
  add("shown", 0xff);
  CHECK(world.ask("stranger", get, "/v1/devices/abcdef0").status == 200);
  const Reply pin = world.ask("stranger", post, "/v1/devices/abcdef0/pin", R"({"release":"id:1"})");
  CHECK(pin.code() == "unknown-release");  // Which is there, in a fleet that is not seen.
  CHECK(pin.body.dump().find("thermo") == std::string::npos);
  add("shown", 0xfe);
  const Reply reply = world.ask("stranger", get, "/v1/devices/abcdef0");
  CHECK(reply.code() == "ambiguous-device");
  CHECK(reply.body["candidates"].size() == 2);
  world.must(del, "/v1/fleets/acme/shown/members/stranger");
}

TEST_CASE("rights: what concerns the whole instance is for its administrators") {
  const std::vector<Row> rows{
      {post, "/v1/organisations", R"({"handle":"globex"})", {}, {}},
      {post, "/v1/users", R"({"username":"new"})", {}, {}},
      {post, "/v1/users/plain/disable", "", {}, {}},
      {post, "/v1/users/plain/enable", "", {}, {}},
      {post, "/v1/tokens", R"({"name":"t","username":"plain"})", {}, {}},
      {post, "/v1/device-types", R"({"slug":"pi9","architecture":"aarch64"})", {}, {}},
      {post, "/v1/clock/accept", "", {}, {}},
      {post, "/v1/organisations/acme/billing", R"({"valid":true})", {}, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    for (const Somebody& one : rights().everybody) {
      CAPTURE(one.name);
      const Reply reply =
          rights().world.ask(one.name, row.method, row.path + "?dry_run=true", row.body);
      const bool own = row.path == "/v1/tokens" && one.name == "plain";
      CHECK(reply.status == (one.name == "instance" || own ? 200 : 403));
    }
  }
  CHECK(rights().world.ask("stranger", post, "/v1/broker/reconcile").code() == "not-allowed");
  CHECK(rights().world.ask("stranger", get, "/v1/users/plain").body.dump() ==
        replaced(rights().world.ask("stranger", get, "/v1/users/nosuch").body.dump(), "nosuch",
                 "plain"));
  CHECK(rights().world.ask("stranger", del, "/v1/tokens/1").code() == "unknown-token");
}

TEST_CASE("rights: an organisation's members are for its administrators and the instance's") {
  ApiWorld& world = rights().world;
  const std::string members = "/v1/organisations/acme/members";
  for (const Somebody& one : rights().everybody) {
    CAPTURE(one.name);
    const bool may =
        one.name == "chief" || one.name == "chief-administrator" || one.name == "instance";
    const bool sees = may || one.name == "plain" || one.in_fleet >= May::read;
    const int status = may ? 200 : sees ? 403 : 404;
    CHECK(world.ask(one.name, put, members + "/stranger?dry_run=true", R"({"role":"member"})")
              .status == status);
    CHECK(world.ask(one.name, del, members + "/plain?dry_run=true").status == status);
    CHECK(world.ask(one.name, get, "/v1/organisations/acme").status == (sees ? 200 : 404));
    const Reply list = world.ask(one.name, get, members);
    CHECK(list.status == (sees ? 200 : 404));
    // Who may not change them sees whom to ask (admin, chief), and itself.
    const std::size_t shown = may ? 3 : one.name == "plain" ? 3 : 2;
    if (sees) CHECK(list.body["items"].size() == shown);
    const std::string create = R"({"slug":"acme/fresh","device_type":"raspberrypi4-64"})";
    const bool creates = may && one.name != "instance";
    CHECK(world.ask(one.name, post, "/v1/fleets?dry_run=true", create).status == (creates ? 200
                                                                                  : sees  ? 403
                                                                                          : 404));
  }
}
