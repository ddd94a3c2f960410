#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/filter/filter.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

/// The filter as the parser understood it, written anew; or where and why it did not.
std::string read(std::string_view text) {
  const auto filter = parse_filter(text);
  if (!filter) return std::to_string(filter.error().position) + ": " + filter.error().rule;
  return to_string(*filter);
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("filter: every field is read with what fits it") {
  for (const std::string_view text : {
           "fleet = acme/kiosk",
           "type != raspberrypi4-64",
           "policy = tracking",
           "pinned-to = 1.4.2+rev1",
           "target = none",
           "running != 4f1c2a9",
           "stuck",
           "stuck > 2h",
           "stuck-cause = locked",
           "online",
           "presence = unknown",
           "status = downloading",
           "name starts-with kitchen",
           "name contains \"a b\"",
           "uuid starts-with 4f1c",
           "tag.site",
           "tag.site = berlin",
           "tag.a.b/c:d-e_1 != x",
           "tag.site = \"\"",
           "os >= 2.12.0",
           "os-variant = dev",
           "agent < 1.1.0-rc.1",
           "lifecycle = active",
       }) {
    CAPTURE(text);
    CHECK(read(text) == text);
  }
}

TEST_CASE("filter: `and` binds tighter than `or`, `not` tighter than both, brackets tightest") {
  CHECK(read("online or stuck and tag.a") == "online or stuck and tag.a");
  CHECK(parse_filter("online or stuck and tag.a")->kind == Filter::Kind::any);
  CHECK(parse_filter("(online or stuck) and tag.a")->kind == Filter::Kind::all);
  CHECK(parse_filter("not online and stuck")->kind == Filter::Kind::all);
  CHECK(read("not (online and stuck)") == "not (online and stuck)");
  CHECK(read("((online))") == "online");
  CHECK(read("not not online") == "not not online");
  CHECK(read("(online and stuck) and tag.a") == "(online and stuck) and tag.a");
}

TEST_CASE("filter: spaces and the kind of quotes do not matter") {
  CHECK(read("  fleet='acme/kiosk'\n and\ttag.site=\"berlin\" ") ==
        "fleet = acme/kiosk and tag.site = berlin");
  CHECK(read(R"(tag.a = "say \"hi\" \\ \'x'")") == R"(tag.a = "say \"hi\" \\ 'x'")");
  CHECK(read("tag.a = 'and'") == "tag.a = \"and\"");
}

TEST_CASE("filter: an error says at which byte it is and what belongs there") {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"", "0: a field belongs here"},
      {"   ", "3: a field belongs here"},
      {"flet = x", "0: there is no field `flet`; the fields are fleet, type,"},
      {"fleet acme/kiosk", "6: behind `fleet` stands one of = !="},
      {"fleet < x", "6: behind `fleet` stands one of = !="},
      {"fleet =", "7: a value belongs here"},
      {"fleet = and online", "8: a value belongs here"},
      {"fleet = ''", "8: the value is empty"},
      {"online = true", "7: `online` stands alone"},
      {"online online", "7: `and`, `or` or the end belongs here"},
      {"online and", "10: a field belongs here"},
      {"online and and", "11: a field belongs here"},
      {"not", "3: a field belongs here"},
      {"(online", "0: this bracket is not closed"},
      {"(online stuck)", "8: `and`, `or` or `)` belongs here"},
      {"online)", "6: this bracket opens nowhere"},
      {"()", "1: a field belongs here"},
      {"policy = pined", "9: `policy` is one of pinned, tracking"},
      {"os > new", "5: a version is numbers"},
      {"stuck > 2", "8: a time is a number and s, m, h or d"},
      {"stuck > 99999d", "8: a time is a number and s, m, h or d"},
      {"stuck = 2h", "6: behind `stuck` stands one of >"},
      {"pinned-to = none", "12: `policy = tracking` is how"},
      {"tag. = x", "0: the key of a tag is"},
      {"tag.a = \"x", "8: this quote is not closed"},
      {"tag.a = \"x\\n\"", "10: a backslash stands before"},
      {"tag.a = ä", "8: this character stands in quotes only"},
      {"online & stuck", "7: this character stands in quotes only"},
      {"\"online\"", "0: a field belongs here"},
  };
  for (const auto& [text, wanted] : cases) {
    CAPTURE(text);
    const std::string said = read(text);
    CAPTURE(said);
    CHECK(said.starts_with(wanted));
  }
}

TEST_CASE("filter: length, depth and number of terms are limited") {
  const std::string longest = "tag.a = '" + std::string(filter_size_max - 10, 'x') + "'";
  CHECK(parse_filter(longest).has_value());
  CHECK(read(longest + " ") == "4000: a filter has at most 4000 bytes");

  const auto nested = [](std::size_t depth) {
    return repeated("(", depth) + "online" + repeated(")", depth);
  };
  CHECK(read(nested(filter_depth_max)) == "online");
  CHECK(read(nested(filter_depth_max + 1)) == "32: a filter is at most 32 levels deep");
  CHECK(read(repeated("not ", filter_depth_max + 1) + "online") ==
        "128: a filter is at most 32 levels deep");
  CHECK(parse_filter(repeated("not (online) and ", 20) + "online").has_value());

  const std::string most = "online" + repeated(" or online", filter_terms_max - 1);
  CHECK(parse_filter(most).has_value());
  CHECK(read(most + " or stuck") == "320: a filter has at most 32 terms");
}

TEST_CASE("filter: the refusal counts characters, not bytes") {
  const std::string_view text = "tag.a = 'ö' nor online";
  const auto filter = parse_filter(text);
  REQUIRE_FALSE(filter.has_value());
  const Rejection rejection = invalid_filter(text, filter.error());
  CHECK(code_of(rejection.code) == "invalid-filter");
  REQUIRE(rejection.pointer.has_value());
  CHECK(rejection.pointer->text == text);
  CHECK(rejection.pointer->position == 12);
  CHECK(rejection.rule == "at character 13: `and`, `or` or the end belongs here");
}

TEST_CASE("filter: times are numbers with a unit") {
  using namespace std::chrono_literals;
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("10m") == 10min);
  CHECK(parse_duration("2h") == 2h);
  CHECK(parse_duration("7d") == std::chrono::days{7});
  for (const auto* wrong : {"", "s", "-1s", "1", "1w", "1 h", "1.5h", "4000d", "99999999999s"}) {
    CHECK_FALSE(parse_duration(wrong).has_value());
  }
}

TEST_CASE("filter: what it mentions is found at any depth") {
  const auto filter = parse_filter("name = kitchen or not (tag.a and online)").value();
  CHECK(mentions(filter, FilterField::online));
  CHECK_FALSE(mentions(filter, FilterField::stuck));
}
