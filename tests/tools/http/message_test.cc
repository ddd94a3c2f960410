#include "tools/http/message.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include "tools/http/host_port.h"
#include "tools/http/percent.h"
#include "tools/http/problem.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("percent: strict decoding gives the text or nothing") {
  CHECK(percent_decode("a%20b%C3%A9+") == "a b\xC3\xA9+");
  CHECK(percent_decode_query("a+b%2B") == "a b+");
  CHECK(percent_decode("%2f") == "/");
  for (const auto* bad : {"%", "%4", "%zz", "%00", "a%", "%c3", "%C0%AF", "%ED%A0%80",
                          "%F4%90%80%80", "\xff", "%f0%80%80%80"}) {
    CAPTURE(bad);
    CHECK_FALSE(percent_decode(bad).has_value());
  }
}

TEST_CASE("percent: whatever is encoded decodes to itself") {
  const std::string all = "a/b?c=d&e#f%g h+\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80~._-";
  CHECK(percent_decode(percent_encode(all)) == all);
  CHECK(percent_decode_query(percent_encode(all)) == all);
  CHECK(percent_encode("a/b c") == "a%2Fb%20c");
}

TEST_CASE("target: path and query come decoded") {
  HttpRequest request;
  request.target = "/v1/books/a%2Fb/?q=x%20y&q=2&flag&=z";
  REQUIRE(split_target(request));
  CHECK(request.segments == std::vector<std::string>{"v1", "books", "a/b", ""});
  CHECK(request.query.size() == 4);
  CHECK(*request.parameter("q") == "x y");
  CHECK(request.parameter("flag")->empty());
  CHECK(request.parameter("none") == nullptr);
  request.target = "/";
  REQUIRE(split_target(request));
  CHECK(request.segments.empty());
  request.target = "http://host:1/a?b=c";
  REQUIRE(split_target(request));
  CHECK(request.segments == std::vector<std::string>{"a"});
}

TEST_CASE("target: what is malformed is refused") {
  for (const auto* bad : {"", "*", "a", "/a%", "/%00", "/%FF", "/a?b=%G1", "/a?%", "/a/../b", "/.",
                          "/%2e%2e/x", "/a#b", "http://host", "https://host/a"}) {
    CAPTURE(bad);
    HttpRequest request;
    request.target = bad;
    CHECK_FALSE(split_target(request));
  }
}

TEST_CASE("headers: names match in any case, repeated ones are joined") {
  HttpHeaders headers;
  headers.add("If-Match", "1");
  headers.add("if-MATCH", "2");
  CHECK(headers.value("IF-Match") == "1, 2");
  CHECK(headers.find("accept") == nullptr);
  CHECK(headers.value("accept").empty());
}

TEST_CASE("response: a value cannot add a field, a HEAD has a length but no body") {
  HttpResponse response;
  response.body = "{}";
  response.headers.emplace_back("X-Name", "a\r\nX-Evil: b");
  const auto full = format_response(response, {.date = 784111777});
  CHECK(full.find("\r\nX-Evil") == std::string::npos);
  CHECK(full.find("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n") != std::string::npos);
  CHECK(full.ends_with("Connection: keep-alive\r\n\r\n{}"));
  const auto head = format_response(response, {.keep_alive = false, .head = true});
  CHECK(head.find("Content-Length: 2\r\n") != std::string::npos);
  CHECK(head.ends_with("Connection: close\r\n\r\n"));
  response.status = 204;
  CHECK(format_response(response, {}).find("Content-Length") == std::string::npos);
}

TEST_CASE("host and port: names and addresses of both families") {
  for (const auto* good : {"127.0.0.1:0", "localhost:7880", "[::1]:7880", "a-b.example:65535"}) {
    const auto parsed = parse_host_port(good);
    REQUIRE_MESSAGE(parsed.has_value(), good);
    CHECK(to_string(*parsed) == good);
  }
  CHECK(parse_host_port("[::1]:7880")->host == "::1");
  for (const auto* bad : {"", ":1", "a", "a:", "a:65536", "a:-1", "a:1x", "::1:80", "[::1]", "[]:1",
                          "a b:1", "[::1:80", "a/b:1"}) {
    const auto parsed = parse_host_port(bad);
    REQUIRE_FALSE_MESSAGE(parsed.has_value(), bad);
    CHECK(parsed.error().code == ErrorCode::invalid_input);
    CHECK(parsed.error().message.find("HOST:PORT") != std::string::npos);
  }
}

TEST_CASE("problem: comes back from its own JSON, and broken bytes do not break it") {
  const Problem problem{.status = 409,
                        .code = "stale",
                        .title = "T",
                        .detail = "D \xff",
                        .entity = "the thing",
                        .remedy = "do this",
                        .candidates = {"a", "b"},
                        .retry_after_s = 7};
  const auto response = to_response(problem);
  CHECK(response.status == 409);
  CHECK(response.content_type == "application/problem+json");
  CHECK(response.body.find(R"("type":"urn:muster:problem:stale")") != std::string::npos);
  CHECK(response.headers == std::vector<HttpField>{{"Retry-After", "7"}});
  const auto parsed = parse_problem(response.body);
  REQUIRE(parsed.has_value());
  CHECK(parsed->status == 409);
  CHECK(parsed->code == "stale");
  CHECK(parsed->entity == "the thing");
  CHECK(parsed->remedy == "do this");
  CHECK(parsed->candidates == problem.candidates);
  CHECK(parsed->retry_after_s == 7);
}

TEST_CASE("problem: text that is none is not taken for one") {
  for (const auto* bad : {"", "x", "[]", "{}", R"({"code":5})", "{\"code\":\"\xff\"}"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_problem(bad).has_value());
  }
  const auto odd = parse_problem(R"({"code":"x","status":"no","candidates":[1,"a"],"entity":{}})");
  REQUIRE(odd.has_value());
  CHECK(odd->status == 500);
  CHECK(odd->candidates == std::vector<std::string>{"a"});
}
