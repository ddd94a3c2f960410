#include "tools/http/router.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "tools/http/problem.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

HttpResponse ask(const Router& router, HttpMethod method, std::string target) {
  HttpRequest request;
  request.method = method;
  request.target = std::move(target);
  REQUIRE(split_target(request));
  std::optional<HttpResponse> answer;
  router(request, HttpRespond([&answer](HttpAnswer given) {
           answer = std::get<HttpResponse>(std::move(given));
         }));
  REQUIRE(answer.has_value());
  return *answer;
}

RouteHandler says(const std::string& text) {
  return [text](const RouteMatch&, const HttpRequest&, const HttpRespond& respond) {
    respond({200, "text/plain", text, {}});
  };
}

Router example() {
  Router router;
  router.on(HttpMethod::get, "/", says("root"));
  router.on(HttpMethod::get, "/v1/{shelf}/{book}",
            [](const RouteMatch& match, const HttpRequest&, const HttpRespond& respond) {
              respond({200, "text/plain", match.at("shelf") + "|" + match.at("book"), {}});
            });
  router.on(HttpMethod::del, "/v1/{shelf}/{book}", says("deleted"));
  router.on(HttpMethod::get, "/v1/{shelf}/newest", says("newest"));
  router.on(HttpMethod::post, "/v1/{shelf}", says("posted"));
  return router;
}

}  // namespace

TEST_CASE("router: finds by method and decoded segments, and hands over what was named") {
  const auto router = example();
  CHECK(ask(router, HttpMethod::get, "/").body == "root");
  CHECK(ask(router, HttpMethod::get, "/v1/a%2Fb/c%20d").body == "a/b|c d");
  CHECK(ask(router, HttpMethod::head, "/v1/a/b").body == "a|b");
  CHECK(ask(router, HttpMethod::del, "/v1/a/b").body == "deleted");
  CHECK(ask(router, HttpMethod::post, "/v1/a?x=y").body == "posted");
}

TEST_CASE("router: a literal wins over a placeholder, for the methods it has") {
  const auto router = example();
  CHECK(ask(router, HttpMethod::get, "/v1/a/newest").body == "newest");
  CHECK(ask(router, HttpMethod::del, "/v1/a/newest").body == "deleted");
}

TEST_CASE("router: no route is 404, no method is 405 with what is allowed") {
  const auto router = example();
  for (const auto* path : {"/v1", "/v1/a/b/c", "/v1/a/", "/v1//b", "/V1/a/b", "/v1/a/b/"}) {
    CAPTURE(path);
    const auto answer = ask(router, HttpMethod::get, path);
    // "/v1/a/" has an empty last segment, which no placeholder takes.
    CHECK(answer.status == 404);
    CHECK(parse_problem(answer.body)->code == "unknown-resource");
  }
  const auto answer = ask(router, HttpMethod::put, "/v1/a/b");
  CHECK(answer.status == 405);
  CHECK(parse_problem(answer.body)->code == "method-not-allowed");
  CHECK(answer.headers == std::vector<HttpField>{{"Allow", "GET, HEAD, DELETE"}});
}
