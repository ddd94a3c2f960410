#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/http/raw_client.h"
#include "tests/tools/server/api_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Commands in bulk: POST /v1/commands of a real server.

namespace {

constexpr auto get = HttpMethod::get;
constexpr auto post = HttpMethod::post;

struct Bulk {
  Bulk() {
    world.fleet("thermo");
    release = world.release("thermo", "aaaaaaaa");
    other = world.release("thermo", "bbbbbbbb");
    device = world.device("thermo");
  }

  /// The answers to `lines`, one each.
  std::vector<Json> send(const std::string& lines, const std::string& query = "",
                         const std::vector<HttpField>& more = {}, std::string_view user = "admin") {
    std::string text;
    bool given = false;
    std::vector<HttpField> headers{{"Content-Type", "application/x-ndjson"}};
    headers.insert(headers.end(), more.begin(), more.end());
    HttpClient client(world.url(), world.token_of(user), std::chrono::seconds(20));
    const auto response = client.converse(
        "/v1/commands" + query, headers,
        {.source = [&] { return std::exchange(given, true) ? std::string() : lines; },
         .sink = [&](std::string_view part) { text.append(part); }});
    REQUIRE_MESSAGE(response.has_value(), response.error().message);
    status = response->status;
    if (status != 200) return {Json::parse(response->body)};
    std::vector<Json> answers;
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = text.find('\n', begin);
      answers.push_back(Json::parse(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    return answers;
  }

  [[nodiscard]] std::string pin(const std::string& uuid, const std::string& to) const {
    return fmt::format(R"({{"command":"device.pin","device":"{}","release":"{}"}})", uuid, to);
  }

  ApiWorld world;
  std::string release;
  std::string other;
  std::string device;
  int status = 0;
};

/// `LINE:STATUS` or `LINE:CODE` of each.
std::string verdicts(const std::vector<Json>& answers) {
  std::string text;
  for (const Json& answer : answers) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : " ", answer["line"].get<int>(),
                        answer.contains("code") ? answer["code"].get<std::string>()
                                                : fmt::format("{}", answer["status"].get<int>()));
  }
  return text;
}

}  // namespace

TEST_CASE_FIXTURE(Bulk, "bulk: a line is answered as its own resource would answer it") {
  const auto answers = send(pin(device, release) + "\n" + pin(device, other) + "\n" +
                            pin("ffffffffffffffffffffffffffffffff", other));
  REQUIRE(verdicts(answers) == "1:200 2:200 3:unknown-device");
  Json bulk = answers[1]["answer"];
  Json single =
      world.must(post, "/v1/devices/" + device + "/pin", R"({"release":")" + release + R"("})");
  CHECK(bulk["from"] == release);
  CHECK(bulk["to"] == other);
  CHECK(bulk["sequence"] == answers[0]["answer"]["sequence"].get<int>() + 1);
  std::vector<std::string> bulk_fields;
  std::vector<std::string> single_fields;
  for (const auto& item : bulk.items()) bulk_fields.push_back(item.key());
  for (const auto& item : single.items()) single_fields.push_back(item.key());
  CHECK(bulk_fields == single_fields);
  CHECK(answers[2]["status"] == 404);
  CHECK(answers[2]["answer"] == world
                                    .ask("admin", post,
                                         "/v1/devices/" + std::string(32, 'f') + "/pin",
                                         R"({"release":"id:1"})")
                                    .body);
  CHECK(world.must(get, "/v1/devices/" + device)["pinned_release"] == release);
}

TEST_CASE_FIXTURE(Bulk, "bulk: a line that is wrong has its own answer, and the rest goes on") {
  const std::string long_line = R"({"command":")" + std::string(1U << 20U, 'x') + R"("})";
  const auto answers = send(
      "{\n\n\"text\"\n{\"command\":\"\xff\"}\n" + long_line + "\n" + pin(device, release) + "\r\n" +
      R"({"command":"device.explode"})"
      "\n"
      R"({"device":"x"})"
      "\n"
      R"({"command":"device.pin","device":"x","release":"y","extra":1})"
      "\n"
      R"({"command":"device.pin","release":"y"})"
      "\n"
      R"({"command":"device.pin","device":1,"release":"y"})"
      "\n"
      R"({"command":"fleet.pin","fleet":"nowhere","release":"id:1"})"
      "\n"
      R"({"command":"fleet.track-latest","fleet":"acme/thermo","confirm":"yes"})");
  CHECK(verdicts(answers) ==
        "1:malformed-json 3:malformed-json 4:invalid-utf8 5:line-too-long 6:200 7:unknown-command "
        "8:invalid-field 9:unknown-field 10:invalid-field 11:invalid-field 12:unknown-fleet "
        "13:invalid-field");
}

TEST_CASE_FIXTURE(Bulk, "bulk: every command of the API can be a line") {
  const auto names = send(R"({"command":"?"})").front()["answer"]["candidates"];
  CHECK(names.size() > 20);
  std::string lines;
  for (const auto& name : names) lines += Json{{"command", name}, {"odd", 1}}.dump() + "\n";
  for (const Json& answer : send(lines)) CHECK(answer["code"] == "unknown-field");
  const std::string lines_tried =
      R"({"command":"organisation.create","handle":"globex"}
{"command":"organisation.set-member","organisation":"acme","username":"admin","role":"member"}
{"command":"organisation.remove-member","organisation":"acme","username":"eve"}
{"command":"user.create","username":"eve"}
{"command":"user.disable","username":"eve"}
{"command":"token.create","name":"t"}
{"command":"token.revoke","token":"1"}
{"command":"device-type.create","slug":"pi9","architecture":"aarch64"}
{"command":"fleet.create","slug":"acme/other","device_type":"intel-nuc"}
{"command":"fleet.pin","fleet":"acme/thermo","release":"id:1"}
{"command":"fleet.set-member","fleet":"acme/thermo","username":"admin","role":"observer"}
{"command":"release.create","fleet":"acme/thermo","commit":"cccccccc"}
{"command":"release.invalidate","fleet":"acme/thermo","release":"aaaaaaaa","reason":"r"}
{"command":"release.invalidate","release":"id:1","reason":"r"}
{"command":"device.register","fleet":"acme/thermo","name":"hall"}
{"command":"device.change","device":")" +
      device + R"(","note":"n"}
{"command":"device.track-fleet","devices":[")" +
      device + R"("]}
)";
  const auto answers = send(lines_tried, "?dry_run=true");
  CHECK(verdicts(answers) ==
        "1:200 2:last-administrator 3:200 4:200 5:unknown-user 6:200 7:200 8:200 9:200 10:200 "
        "11:200 12:200 "
        "13:200 14:200 15:200 16:200 17:200");
  for (const Json& answer : answers) {
    if (answer["status"] == 200) CHECK(answer["answer"]["sequence"].is_null());
  }
}

TEST_CASE_FIXTURE(Bulk, "bulk: later lines build on earlier ones, thousands in one request") {
  std::string lines = R"({"command":"release.create","fleet":"acme/thermo","commit":"dddddddd"})"
                      "\n";
  constexpr int devices = 1'500;
  for (int i = 1; i <= devices; ++i) {
    const std::string uuid = fmt::format("{:032x}", i);
    lines += fmt::format(R"({{"command":"device.register","fleet":"acme/thermo","uuid":"{}"}})"
                         "\n",
                         uuid);
    lines += pin(uuid, "dddddddd") + "\n" + pin(uuid, release) + "\n";
  }
  const auto answers = send(lines);
  REQUIRE(answers.size() == 1 + 3 * devices);
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    REQUIRE_MESSAGE(answers[i]["status"] == 200, answers[i].dump());
    CHECK(answers[i]["line"] == i + 1);
    CHECK(answers[i]["answer"]["sequence"].get<std::uint64_t>() > sequence);
    sequence = answers[i]["answer"]["sequence"].get<std::uint64_t>();
    const bool known = answers[i].dump().find("id:") == std::string::npos;
    CHECK((known || answers[i]["answer"]["views"] == "behind"));
  }
  CHECK(world.must(get, "/v1/fleets/acme/thermo")["pinned_devices"] == devices);
}

TEST_CASE_FIXTURE(Bulk, "bulk: with stop_on_error nothing after the first failure is done") {
  const std::string lines =
      pin(device, release) + "\n" + pin(device, "nothing") + "\n" + pin(device, other) + "\n";
  CHECK(verdicts(send(lines, "?stop_on_error=true")) == "1:200 2:unknown-release");
  CHECK(world.must(get, "/v1/devices/" + device)["pinned_release"] == release);
  CHECK(verdicts(send("{\n" + lines, "?stop_on_error=true")) == "1:malformed-json");
  CHECK(verdicts(send(lines, "?stop_on_error=false")) == "1:200 2:unknown-release 3:200");
}

TEST_CASE_FIXTURE(Bulk,
                  "bulk: keys, of lines or made from the request's, let nothing happen twice") {
  const std::string lines = pin(device, release) + "\n" + pin(device, other) + "\n";
  const std::vector<HttpField> key{{"Idempotency-Key", "nightly"}};
  send(lines, "", key);
  const std::uint64_t head = world.head();
  for (const Json& answer : send(lines, "", key)) CHECK(answer["answer"]["repeated"] == true);
  CHECK(world.head() == head);
  // The rest alone, under the numbers it has in the whole.
  const auto rest = send(pin(device, other), "?first_line=2", key);
  CHECK(verdicts(rest) == "2:200");
  CHECK(rest.front()["answer"]["repeated"] == true);
  CHECK(verdicts(send(pin(device, release), "?first_line=2", key)) == "2:idempotency-key-reused");
  const std::string own = R"({"command":"device.change","device":")" + device +
                          R"(","note":"n","idempotency_key":"mine"})";
  CHECK_FALSE(send(own, "", key).front()["answer"].contains("repeated"));
  CHECK(send(own, "?first_line=77").front()["answer"]["repeated"] == true);
  CHECK(verdicts(send(R"({"command":"clock.accept","idempotency_key":""})")) == "1:invalid-field");
}

TEST_CASE_FIXTURE(Bulk, "bulk: a line may expect a version, or be tried only") {
  const auto version = world.must(get, "/v1/devices/" + device)["version"].get<int>();
  const std::string note = R"({"command":"device.change","device":")" + device + R"(","note":"n",)";
  CHECK(verdicts(send(note + fmt::format(R"("expect_version":{}}})", version + 1))) ==
        "1:stale-version");
  const auto dry = send(note + R"("dry_run":true})").front()["answer"];
  CHECK(dry["dry_run"] == true);
  CHECK(verdicts(send(note + fmt::format(R"("expect_version":{}}})", version))) == "1:200");
}

TEST_CASE_FIXTURE(Bulk, "bulk: what is no bulk is refused as a whole") {
  CHECK(world.ask("admin", post, "/v1/commands", "{}").code() == "unsupported-media-type");
  CHECK(world.ask("admin", get, "/v1/commands").status == 405);
  CHECK(send("").front()["code"] == "no-commands");
  CHECK(send("\n \n").front()["code"] == "no-commands");
  CHECK(send("{}", "?stop_on_error=maybe").front()["code"] == "invalid-field");
  CHECK(send("{}", "?first_line=0").front()["code"] == "invalid-field");
  CHECK(send("{}", "", {{"Idempotency-Key", std::string(151, 'k')}}).front()["code"] ==
        "invalid-field");
  const HttpClientResponse refused =
      HttpClient(world.url(), "wrong", std::chrono::seconds(20))
          .converse("/v1/commands", {{"Content-Type", "application/x-ndjson"}},
                    {.source = [] { return std::string(1U << 16U, ' '); }, .sink = [](auto) {}})
          .value();
  CHECK(refused.status == 401);
}

TEST_CASE_FIXTURE(Bulk, "bulk: who loses its token in the middle does nothing more") {
  world.user("ada");
  world.must(HttpMethod::put, "/v1/fleets/acme/thermo/members/ada", R"({"role":"operator"})");
  const std::string id = world.token("mine", "ada", "");
  std::string lines = pin(device, release) + "\n" +
                      fmt::format(R"({{"command":"token.revoke","token":"{}"}})"
                                  "\n",
                                  id);
  for (int i = 0; i < 2'000; ++i) lines += pin(device, other) + "\n";
  const auto answers = send(lines, "", {}, "mine");
  REQUIRE(answers.size() > 2);
  for (std::size_t i = 2; i < answers.size(); ++i) CHECK(answers[i]["status"].get<int>() >= 401);
  CHECK(world.must(get, "/v1/devices/" + device)["pinned_release"] == release);
}

TEST_CASE_FIXTURE(Bulk, "bulk: of a client that goes away, the whole lines that came are done") {
  const auto head = [&] {
    return fmt::format(
        "POST /v1/commands HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n",
        world.token_of("admin"));
  };
  const std::string whole = pin(device, release) + "\n";
  const std::string part = whole + pin(device, other);  // Whose last line may go on.
  {
    RawClient client(world.address().port);
    client.send(head() + fmt::format("{:x}\r\n{}\r\n", part.size(), part));
    CHECK(client.read_until("\"line\":1").find("\"line\":1") != std::string::npos);
  }
  CHECK(world.must(get, "/v1/devices/" + device)["pinned_release"] == release);
  const std::uint64_t before = world.head();
  {
    RawClient client(world.address().port);
    client.send(head() + fmt::format("{:x}\r\n{}\r\n", part.size(), whole + part));
  }
  // Nobody hears of it, but what arrived in time is done, and half a line never is.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK(world.must(get, "/v1/devices/" + device)["pinned_release"] == release);
  CHECK(world.head() == before);
}

TEST_CASE_FIXTURE(Bulk, "bulk: other requests are answered while a large one runs") {
  std::string lines;
  for (int i = 0; i < 4'000; ++i) lines += pin(device, i % 2 == 0 ? release : other) + "\n";
  std::jthread sender([&] { CHECK(send(lines).size() == 4'000); });
  for (int i = 0; i < 20; ++i) {
    CHECK(world.ask("admin", post, "/v1/fleets/acme/thermo/track-latest").status == 200);
  }
}
