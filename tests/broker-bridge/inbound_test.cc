#include "broker-bridge/channel/inbound.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <limits>
#include <vector>

#include "broker-bridge/channel/payload.h"

namespace muster {
namespace {

/// What nobody accepts, whatever it is meant to be.
std::vector<std::string> rubbish() {
  const std::string deep(16'000, '[');
  return {"",
          " ",
          "null",
          "true",
          "1",
          "[]",
          R"("text")",
          "{",
          R"({"online":true,"session":"s")",
          R"({"online":true,"session":"s"}x)",
          R"({'online':true})",
          std::string("{}\0", 3),
          std::string("\0", 1),
          "\xff\xfe",
          "{\"online\":true,\"session\":\"\xc3\"}",
          "{\"status\":\"idle\",\"running\":null,\"message\":\"\xed\xa0\x80\"}",
          deep,
          R"({"online":true,"session":"s","x":)" + deep + "}",
          R"({"online":true,"session":"s","x":")" + std::string(inbound_size_max, 'x') + "\"}"};
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string state(const std::string& members) {
  return R"({"status":"idle","running":null)" + members + "}";
}

}  // namespace

TEST_CASE("inbound: rubbish is refused, and the error says what does not fit") {
  for (const std::string& payload : rubbish()) {
    CAPTURE(payload.substr(0, 100));
    for (const auto& error : {parse_presence(payload).error(), parse_state(payload).error(),
                              parse_marker(payload).error()}) {
      CHECK(error.code == ErrorCode::invalid_input);
      CHECK_FALSE(error.message.empty());
    }
  }
}

TEST_CASE("inbound: a birth is read whole") {
  const auto report = parse_presence(
      R"({"online":true,"session":"s1","boot":"b1","encoding":"json","os_version":"12.4",)"
      R"("os_variant":"prod","agent_version":"0.1.0","new":{"x":[1]}})");
  REQUIRE(report.has_value());
  CHECK(report->online);
  CHECK(report->session == "s1");
  CHECK(report->boot == "b1");
  REQUIRE(report->software.has_value());
  CHECK(report->software->os_version == "12.4");
  CHECK(report->software->os_variant == OsVariant::production);
  CHECK(report->software->agent_version == "0.1.0");
}

TEST_CASE("inbound: a will and a birth without versions say nothing of software") {
  for (const std::string payload :
       {R"({"online":false,"session":"s1"})", R"({"online":true,"session":"s1"})"}) {
    CAPTURE(payload);
    const auto report = parse_presence(payload);
    REQUIRE(report.has_value());
    CHECK_FALSE(report->software.has_value());
    CHECK(report->boot.empty());
  }
}

TEST_CASE("inbound: presence of a wrong form is refused") {
  const std::vector<std::string> wrong = {
      R"({})",
      R"({"session":"s"})",
      R"({"online":"true","session":"s"})",
      R"({"online":1,"session":"s"})",
      R"({"online":null,"session":"s"})",
      R"({"online":true})",
      R"({"online":true,"session":""})",
      R"({"online":true,"session":7})",
      R"({"online":true,"session":["s"]})",
      R"({"online":true,"session":")" + std::string(65, 's') + "\"}"};
  for (const std::string& payload : wrong) {
    CAPTURE(payload);
    CHECK_FALSE(parse_presence(payload).has_value());
  }
}

TEST_CASE("inbound: what a birth adds is believed only as far as it fits") {
  const auto report = parse_presence(
      R"({"online":true,"session":"s","boot":{"x":1},"os_version":12,"os_variant":"mine",)"
      R"("agent_version":")" +
      std::string(65, 'v') + "\",\"deep\":" + nested(5'000) + "}");
  REQUIRE(report.has_value());
  CHECK(report->boot.empty());
  REQUIRE(report->software.has_value());
  CHECK(report->software->os_version.empty());
  CHECK(report->software->os_variant == OsVariant::unknown);
  CHECK(report->software->agent_version.empty());
}

TEST_CASE("inbound: a state report is read whole") {
  const auto report = parse_state(
      R"({"epoch":3,"seq":8123,"running":"0123456789abcdef","status":"downloading","percent":40,)"
      R"("code":-5,"message":"grüezi","locks":["main","db"],"boot":"b1"})");
  REQUIRE(report.has_value());
  CHECK(report->epoch == 3);
  CHECK(report->sequence == 8'123);
  CHECK(report->running == "0123456789abcdef");
  CHECK(report->status == "downloading");
  CHECK(report->percent == 40);
  CHECK(report->code == -5);
  CHECK(report->message == "grüezi");
  CHECK(report->locks == std::vector<std::string>{"main", "db"});
  CHECK(report->boot == "b1");
}

TEST_CASE("inbound: a state report of a wrong form is refused") {
  const std::vector<std::string> wrong = {
      R"({})",
      R"({"running":null})",
      R"({"status":"dancing","running":null})",
      R"({"status":7,"running":null})",
      R"({"status":"idle"})",
      R"({"status":"idle","running":7})",
      R"({"status":"idle","running":""})",
      R"({"status":"idle","running":"not a commit"})",
      R"({"status":"idle","running":["0123456789abcdef"]})",
      R"({"status":"idle","running":")" + std::string(65, 'a') + "\"}"};
  for (const std::string& payload : wrong) {
    CAPTURE(payload);
    CHECK_FALSE(parse_state(payload).has_value());
  }
}

TEST_CASE("inbound: numbers of a state report are cut to what can be") {
  CHECK(parse_state(state(R"(,"percent":4000000000)"))->percent == 100);
  CHECK(parse_state(state(R"(,"percent":-1)"))->percent == 0);
  CHECK(parse_state(state(R"(,"percent":1.5)"))->percent == 0);
  CHECK(parse_state(state(R"(,"code":99999999999)"))->code == std::numeric_limits<int>::max());
  CHECK(parse_state(state(R"(,"code":18446744073709551615)"))->code ==
        std::numeric_limits<int>::max());
  CHECK(parse_state(state(R"(,"code":-99999999999)"))->code == std::numeric_limits<int>::min());
  CHECK(parse_state(state(R"(,"code":1e300)"))->code == 0);
  CHECK(parse_state(state(R"(,"seq":1e300)"))->sequence == 0);
  CHECK(parse_state(state(R"(,"seq":"8")"))->sequence == 0);
}

TEST_CASE("inbound: texts of a state report are whole or not there") {
  std::string umlauts = "x";
  while (umlauts.size() < 110) umlauts += "ü";
  const auto report = parse_state(state(fmt::format(
      R"(,"message":"{}","locks":["main","{}",7,null,""])", std::string(1'025, 'm'), umlauts)));
  REQUIRE(report.has_value());
  CHECK(report->message.empty());
  CHECK(report->locks == std::vector<std::string>{"main", ""});
  CHECK(parse_state(state(R"(,"locks":"main")"))->locks.empty());
}

TEST_CASE("inbound: of more locks than anybody has, the first hundred count") {
  std::string locks = "\"l\"";
  for (int i = 0; i < 500; ++i) locks += ",\"l\"";
  CHECK(parse_state(state(fmt::format(R"(,"locks":[{}])", locks)))->locks.size() == 100);
}

TEST_CASE("inbound: a marker comes back as it was made") {
  const LogIdentity identity{.log = random_uuid(), .epoch = 7};
  const auto marker = parse_marker(marker_payload(identity, Sequence{99}));
  REQUIRE(marker.has_value());
  CHECK(marker->log == identity.log);
  CHECK(marker->epoch == 7);
  CHECK(marker->low_water == Sequence{99});
}

TEST_CASE("inbound: a marker of a wrong form is refused or says nothing is there") {
  CHECK_FALSE(parse_marker(R"({})").has_value());
  CHECK_FALSE(parse_marker(R"({"log":7})").has_value());
  CHECK_FALSE(parse_marker(R"({"log":"0123456789ABCDEF0123456789ABCDEF"})").has_value());
  const std::string log = R"({"log":"0123456789abcdef0123456789abcdef","epoch":1,"low_water":)";
  for (const std::string number : {"-1", "1.5", "\"9\"", "null", "1e3"}) {
    CAPTURE(number);
    CHECK(parse_marker(log + number + "}")->low_water == Sequence{});
  }
}

}  // namespace muster
