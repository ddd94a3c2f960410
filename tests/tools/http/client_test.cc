#include "tools/http/client.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/http/scripted_peer.h"
#include "tools/http/percent.h"
#include "tools/http/server.h"

using namespace muster;  // NOLINT(google-build-using-namespace)
using muster::test::ScriptedPeer;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A server that counts requests, remembers who asked, and tells what it got.
struct Counting {
  std::atomic<int> requests = 0;
  std::set<std::string> remotes = {};  // Used on the server's thread only, until it has stopped.

  HttpHandler handler() {
    return [this](const HttpRequest& request, const HttpRespond& respond) {
      ++requests;
      remotes.insert(request.remote);
      HttpResponse response{201, "text/plain", request.body, {{"X-Seen", "yes"}}};
      response.body.append("|").append(request.headers.value("authorization"));
      response.body.append("|").append(request.headers.value("content-type"));
      response.body.append("|").append(request.segments.empty() ? "" : request.segments.back());
      respond(std::move(response));
    };
  }
};

std::unique_ptr<HttpServer> serve(HttpHandler handler, HttpLimits limits = {},
                                  std::uint16_t port = 0) {
  HttpServerOptions options;
  options.listen.port = port;
  options.limits = limits;
  auto server = HttpServer::start(options, std::move(handler));
  REQUIRE(server.has_value());
  return std::move(*server);
}

HttpClient client_of(const HttpServer& server, milliseconds timeout = seconds(10)) {
  return {fmt::format("http://127.0.0.1:{}", server.port()), "secret", timeout};
}

}  // namespace

TEST_CASE("http client: sends token, type, path and body, and keeps its connection") {
  Counting counting;
  const auto server = serve(counting.handler());
  auto client = client_of(*server);
  const auto path = fmt::format("/v1/{}?a=b", percent_encode("x/y z"));
  for (int i = 0; i < 5; ++i) {
    const auto answer = client.send(HttpMethod::post, path, {}, "{}");
    REQUIRE(answer.has_value());
    CHECK(answer->status == 201);
    CHECK(answer->headers.value("x-seen") == "yes");
    CHECK(answer->body == "{}|Bearer secret|application/json|x/y z");
    CHECK_FALSE(problem_of(*answer).has_value());
  }
  CHECK(client.send(HttpMethod::head, "/", {}, "")->body.empty());
  CHECK(client.send(HttpMethod::get, "/", {}, "")->body == "|Bearer secret||");
  server->stop();
  CHECK(counting.remotes.size() == 1);
}

TEST_CASE("http client: a connection closed between two calls is opened again") {
  Counting counting;
  HttpLimits limits;
  limits.idle = milliseconds(50);
  const auto server = serve(counting.handler(), limits);
  auto client = client_of(*server);
  REQUIRE(client.send(HttpMethod::post, "/", {}, "1").has_value());
  std::this_thread::sleep_for(milliseconds(300));
  REQUIRE(client.send(HttpMethod::post, "/", {}, "2").has_value());
  server->stop();
  CHECK(counting.requests == 2);
  CHECK(counting.remotes.size() == 2);
}

TEST_CASE("http client: after a restart of the server the same client goes on") {
  Counting counting;
  auto server = serve(counting.handler());
  const auto port = server->port();
  auto client = client_of(*server);
  REQUIRE(client.send(HttpMethod::get, "/", {}, "").has_value());
  server.reset();
  const auto away = client.send(HttpMethod::get, "/", {}, "");
  REQUIRE_FALSE(away.has_value());
  CHECK(away.error().code == ErrorCode::unavailable);
  CHECK(away.error().message.find("refused") != std::string::npos);
  server = serve(counting.handler(), {}, port);
  CHECK(client.send(HttpMethod::get, "/", {}, "").has_value());
}

TEST_CASE("http client: cut off before the answer, only what may be repeated is repeated") {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  struct Case {
    HttpMethod method;
    std::vector<HttpField> headers;
    bool repeated;
  };
  const std::vector<Case> cases = {
      {HttpMethod::get, {}, true},
      {HttpMethod::head, {}, true},
      {HttpMethod::post, {}, false},
      {HttpMethod::del, {}, false},
      {HttpMethod::post, {{"idempotency-KEY", "k"}}, true},
  };
  for (const auto& [method, headers, repeated] : cases) {
    CAPTURE(to_string(method));
    // The second request on the kept connection is read, and then nobody answers.
    const ScriptedPeer peer({ok, "", ok});
    HttpClient client(fmt::format("http://localhost:{}", peer.port()), "", seconds(5));
    REQUIRE(client.send(HttpMethod::get, "/", {}, "").has_value());
    const auto answer = client.send(method, "/", headers, "");
    CHECK(answer.has_value() == repeated);
    CHECK(peer.requests() == (repeated ? 3 : 2));
    if (answer) continue;
    CHECK(answer.error().code == ErrorCode::unavailable);
    CHECK(answer.error().message.find("may have taken effect") != std::string::npos);
  }
}

TEST_CASE("http client: nothing is repeated on a new connection or after part of an answer") {
  const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const ScriptedPeer silent({"", ok});
  HttpClient fresh(fmt::format("http://127.0.0.1:{}", silent.port()), "", seconds(5));
  CHECK_FALSE(fresh.send(HttpMethod::get, "/", {}, "").has_value());
  CHECK(silent.requests() == 1);

  const ScriptedPeer partial({ok, "HTTP/1.1 200 OK\r\nContent-Le"});
  HttpClient client(fmt::format("http://127.0.0.1:{}", partial.port()), "", seconds(5));
  CHECK(client.send(HttpMethod::get, "/", {}, "").has_value());
  const auto answer = client.send(HttpMethod::get, "/", {}, "");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::unavailable);
  CHECK(partial.requests() == 2);
}

TEST_CASE("http client: what does not speak HTTP is named so") {
  const ScriptedPeer peer({"220 mail.example ESMTP\r\n\r\n"});
  HttpClient client(fmt::format("http://127.0.0.1:{}", peer.port()), "", seconds(5));
  const auto answer = client.send(HttpMethod::get, "/", {}, "");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::failed);
  CHECK(answer.error().message.find("not HTTP") != std::string::npos);
}

TEST_CASE("http client: a refused 100 MB body still gives the server's problem") {
  Counting counting;
  const auto server = serve(counting.handler());
  auto client = client_of(*server);
  const auto answer = client.send(HttpMethod::post, "/", {}, std::string(100'000'000, 'x'));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 413);
  REQUIRE(problem_of(*answer).has_value());
  CHECK(problem_of(*answer)->code == "body-too-large");
  CHECK(client.send(HttpMethod::post, "/", {}, "x")->status == 201);
  CHECK(counting.requests == 1);
}

TEST_CASE("http client: no answer in time is an error that warns of the effect") {
  std::vector<HttpRespond> kept;
  const auto server =
      serve([&kept](const HttpRequest&, const HttpRespond& respond) { kept.push_back(respond); });
  auto client = client_of(*server, milliseconds(200));
  const auto answer = client.send(HttpMethod::get, "/", {}, "");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::unavailable);
  CHECK(answer.error().message.find("200 ms") != std::string::npos);
  server->stop();
}

TEST_CASE("http client: an answer over 64 MiB is refused") {
  const auto server = serve([](const HttpRequest&, const HttpRespond& respond) {
    respond({200, "text/plain", std::string(70'000'000, 'x'), {}});
  });
  auto client = client_of(*server);
  const auto answer = client.send(HttpMethod::get, "/", {}, "");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == ErrorCode::failed);
}

TEST_CASE("http client: wrong addresses, tokens, paths and headers are named") {
  const auto error_of = [](std::string_view url, std::string_view token, std::string_view path,
                           const std::vector<HttpField>& headers) {
    HttpClient client(url, token, seconds(1));
    auto answer = client.send(HttpMethod::get, path, headers, "");
    REQUIRE_FALSE(answer.has_value());
    return answer.error();
  };
  CHECK(error_of("https://x", "", "/", {}).message.find("only http://") != std::string::npos);
  for (const auto* url : {"", "x:80", "ftp://x", "http://", "http://x:y", "http://u@x",
                          "http://x?a", "http://::1:80", "http://[::1"}) {
    CAPTURE(url);
    CHECK(error_of(url, "", "/", {}).code == ErrorCode::invalid_input);
  }
  const auto* good = "http://127.0.0.1:1";
  CHECK(error_of(good, "a\r\nb", "/", {}).code == ErrorCode::invalid_input);
  CHECK(error_of(good, "", "/a b", {}).code == ErrorCode::invalid_input);
  CHECK(error_of(good, "", "a", {}).code == ErrorCode::invalid_input);
  CHECK(error_of(good, "", "/", {{"X", "a\nb"}}).code == ErrorCode::invalid_input);
  CHECK(error_of(good, "", "/", {}).code == ErrorCode::unavailable);
  CHECK(error_of("http://no-such-host.invalid", "", "/", {}).code == ErrorCode::unavailable);
}
