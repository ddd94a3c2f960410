#include "tools/http/json_body.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

JsonReader reader_of(std::string_view text) {
  auto reader = JsonReader::parse(text);
  REQUIRE(reader.has_value());
  return std::move(*reader);
}

HttpRequest request_of(std::string type, std::string body) {
  HttpRequest request;
  if (!type.empty()) request.headers.add("Content-Type", type);
  request.body = std::move(body);
  return request;
}

}  // namespace

TEST_CASE("json body: every kind of field is read") {
  auto reader = reader_of(R"({"s":"é","b":true,"n":18446744073709551615,"l":["a",""],
                              "o":{"x":[1,null]}})");
  CHECK(reader.string("s") == "é");
  CHECK(reader.boolean("b"));
  CHECK(reader.unsigned_integer("n") == std::numeric_limits<std::uint64_t>::max());
  CHECK(reader.strings("l") == std::vector<std::string>{"a", ""});
  CHECK(reader.json("o") == R"({"x":[1,null]})");
  CHECK_FALSE(reader.optional_string("absent").has_value());
  CHECK_FALSE(reader.has("absent"));
  CHECK_FALSE(reader.finish().has_value());
}

TEST_CASE("json body: what is not one good JSON object is refused with its code") {
  struct Case {
    std::string text;
    std::string code;
    std::string detail;
  };
  const std::vector<Case> cases = {
      {"", "malformed-json", "ends too early"},
      {"{", "malformed-json", "ends too early"},
      {"{\"a\":1,\n  \"b\":x}", "malformed-json", "line 2, column 7"},
      {"{} {}", "malformed-json", "line 1, column 4"},
      {"[1]", "malformed-json", "must be a JSON object"},
      {"null", "malformed-json", "must be a JSON object"},
      {"{\"a\":1e999}", "malformed-json", ""},
      {"{\"a\":\"\\ud800\"}", "malformed-json", ""},
      {"{\"a\":NaN}", "malformed-json", ""},
      {"{'a':1}", "malformed-json", ""},
      {"{\"a\":1,}", "malformed-json", ""},
      {"{\"a\":\"\xff\"}", "invalid-utf8", ""},
      {"{\"a\":1,\"a\":2}", "duplicate-key", "'a'"},
      {"{\"o\":{\"k\":1,\"\\u006b\":2}}", "duplicate-key", "'k'"},
      {"{\"a\":" + std::string(32, '[') + std::string(32, ']') + "}", "malformed-json", "deeper"},
      {std::string(200'000, '['), "malformed-json", "deeper"},
  };
  for (const auto& [text, code, detail] : cases) {
    CAPTURE(text.substr(0, 60));
    const auto reader = JsonReader::parse(text);
    REQUIRE_FALSE(reader.has_value());
    CHECK(reader.error().status == 400);
    CHECK(reader.error().code == code);
    CHECK_MESSAGE(reader.error().detail.find(detail) != std::string::npos, reader.error().detail);
  }
  CHECK(JsonReader::parse("{\"a\":" + std::string(31, '[') + std::string(31, ']') + "}"));
}

TEST_CASE("json body: the wrong content type is refused, none counts as JSON") {
  for (const auto* good : {"", "application/json", "Application/JSON; charset=utf-8",
                           "application/json ; charset=\"UTF-8\""}) {
    CAPTURE(good);
    CHECK(JsonReader::read(request_of(good, "{}")).has_value());
  }
  for (const auto* bad : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                          "application/json; charset=latin1", "application/json, text/plain"}) {
    CAPTURE(bad);
    const auto reader = JsonReader::read(request_of(bad, "{}"));
    REQUIRE_FALSE(reader.has_value());
    CHECK(reader.error().status == 415);
    CHECK(reader.error().code == "unsupported-media-type");
  }
  CHECK(JsonReader::read(request_of("", "")).has_value());
}

TEST_CASE("json reader: a wrong field is refused by name, rule and what was given") {
  using Ask = std::function<void(JsonReader&)>;
  struct Case {
    std::string text;
    Ask ask;
    std::string detail;
  };
  const Ask string = [](JsonReader& reader) { reader.string("f"); };
  const Ask boolean = [](JsonReader& reader) { reader.boolean("f"); };
  const Ask number = [](JsonReader& reader) { reader.unsigned_integer("f"); };
  const Ask strings = [](JsonReader& reader) { reader.strings("f"); };
  const Ask any = [](JsonReader& reader) { reader.json("f"); };
  const Ask maybe = [](JsonReader& reader) { reader.optional_string("f"); };
  const std::vector<Case> cases = {
      {"{}", string, "'f' must be given; it is missing"},
      {"{}", any, "missing"},
      {R"({"f":5})", string, "must be a string without NUL; it is 5"},
      {R"({"f":null})", maybe, "it is null"},
      {R"({"f":"a\u0000b"})", string, "without NUL"},
      {R"({"f":"true"})", boolean, R"(must be true or false; it is "true")"},
      {R"({"f":-1})", number, "whole number from 0"},
      {R"({"f":1.0})", number, "it is 1.0"},
      {R"({"f":18446744073709551616})", number, "whole number from 0"},
      {R"({"f":"1"})", number, "it is \"1\""},
      {R"({"f":"a"})", strings, "list of strings"},
      {R"({"f":["a",1]})", strings, "it is 1"},
  };
  for (const auto& [text, ask, detail] : cases) {
    CAPTURE(text);
    auto reader = reader_of(text);
    ask(reader);
    const auto problem = reader.finish();
    REQUIRE(problem.has_value());
    CHECK(problem->code == "invalid-field");
    CHECK(problem->entity == "f");
    CHECK_MESSAGE(problem->detail.find(detail) != std::string::npos, problem->detail);
  }
}

TEST_CASE("json reader: the first problem stays, an unknown field is named") {
  auto reader = reader_of(R"({"a":1,"b":1})");
  reader.string("a");
  reader.string("b");
  CHECK(reader.finish()->entity == "a");

  auto misspelt = reader_of(R"({"nmae":"x"})");
  misspelt.string("name");
  const auto problem = misspelt.finish();
  REQUIRE(problem.has_value());
  CHECK(problem->code == "unknown-field");
  CHECK(problem->entity == "nmae");
  CHECK(problem->candidates == std::vector<std::string>{"name"});

  auto own_rule = reader_of(R"({"n":7})");
  if (own_rule.unsigned_integer("n") > 5) own_rule.refuse("n", "5 at most", "7");
  CHECK(own_rule.finish()->detail == "The field 'n' must be 5 at most; it is 7.");
}
