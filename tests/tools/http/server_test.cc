#include "tools/http/server.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/http/raw_client.h"
#include "tools/http/problem.h"

using namespace muster;  // NOLINT(google-build-using-namespace)
using muster::test::RawClient;
using std::chrono::milliseconds;

namespace {

const std::string get_root = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::unique_ptr<HttpServer> serve(HttpHandler handler, HttpLimits limits = {}) {
  HttpServerOptions options;
  options.limits = limits;
  auto server = HttpServer::start(options, std::move(handler));
  REQUIRE(server.has_value());
  return std::move(*server);
}

/// Says what arrived: method, path segments, body.
void echo(const HttpRequest& request, const HttpRespond& respond) {
  std::string path;
  for (const auto& segment : request.segments) path.append("/").append(segment);
  respond({200,
           "text/plain",
           fmt::format("{} {} {}", to_string(request.method), path, request.body),
           {}});
}

std::string ask_once(std::uint16_t port, std::string_view request) {
  RawClient client(port);
  client.send(request);
  return client.read_answer();
}

bool is_problem(const std::string& answer, int status, std::string_view code) {
  const auto body = answer.find("\r\n\r\n");
  if (!answer.starts_with(fmt::format("HTTP/1.1 {} ", status)) || body == std::string::npos) {
    return false;
  }
  const auto problem = parse_problem(std::string_view(answer).substr(body + 4));
  return problem && problem->status == status && problem->code == code;
}

}  // namespace

TEST_CASE("http server: several requests are answered in order on one connection") {
  const auto server = serve(echo);
  RawClient client(server->port());
  client.send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi" + get_root +
              "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
              "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  CHECK(client.read_answer().ends_with("POST /a hi"));
  CHECK(client.read_answer().ends_with("GET  "));
  CHECK(client.read_answer().ends_with("POST /c abc"));
  client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto last = client.read_to_end();
  CHECK(last.find("Connection: close") != std::string::npos);
  CHECK(last.ends_with("GET /last "));
}

TEST_CASE("http server: a HEAD has the length but not the body, HTTP/1.0 is closed") {
  const auto server = serve(echo);
  RawClient client(server->port());
  client.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get_root);
  CHECK(client.read_answer(true).find("Content-Length: 8\r\n") != std::string::npos);
  CHECK(client.read_answer().ends_with("GET  "));
  RawClient old(server->port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(old.read_to_end().ends_with("GET  "));
}

TEST_CASE("http server: Expect: 100-continue is met before the body") {
  const auto server = serve(echo);
  RawClient client(server->port());
  client.send("PUT /a HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.read_answer() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  CHECK(client.read_answer().ends_with("PUT /a ok"));
}

TEST_CASE("http server: what is not HTTP is a 400, then the connection ends") {
  const auto server = serve(echo);
  for (const auto* bad :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET / HTTP/1.1\r\nbad header\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    CAPTURE(bad);
    RawClient client(server->port());
    client.send(bad);
    CHECK(is_problem(client.read_answer(), 400, "malformed-request"));
    CHECK(client.read_to_end(milliseconds(300)).empty());
  }
}

TEST_CASE("http server: a wrong target, host or method is refused by name") {
  const auto server = serve(echo);
  const auto port = server->port();
  CHECK(
      is_problem(ask_once(port, "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"), 400, "malformed-target"));
  CHECK(is_problem(ask_once(port, "GET /a?b=%ff HTTP/1.1\r\nHost: x\r\n\r\n"), 400,
                   "malformed-target"));
  CHECK(is_problem(ask_once(port, "GET / HTTP/1.1\r\n\r\n"), 400, "malformed-request"));
  CHECK(is_problem(ask_once(port, "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"), 501, "unknown-method"));
  CHECK(ask_once(port, "GET /%C3%A9%2F HTTP/1.1\r\nHost: x\r\n\r\n").ends_with("GET /\xC3\xA9/ "));
}

TEST_CASE("http server: answers may come from another thread, and only the first counts") {
  std::vector<std::jthread> threads;
  const auto server = serve([&threads](const HttpRequest&, const HttpRespond& respond) {
    threads.emplace_back([respond] {
      std::this_thread::sleep_for(milliseconds(20));
      respond({200, "text/plain", "first", {}});
      respond({200, "text/plain", "second", {}});
    });
  });
  RawClient client(server->port());
  client.send(get_root + get_root);
  CHECK(client.read_answer().ends_with("first"));
  CHECK(client.read_answer().ends_with("first"));
  server->stop();
}

TEST_CASE("http server: a handler that throws or drops its request gives a 500, not a crash") {
  const auto server = serve([](const HttpRequest& request, const HttpRespond&) {
    if (request.segments == std::vector<std::string>{"throw"}) throw std::runtime_error("broken");
    if (request.segments == std::vector<std::string>{"odd"}) throw 5;
  });
  for (const auto* path : {"/throw", "/odd", "/drop"}) {
    CAPTURE(path);
    const auto answer =
        ask_once(server->port(), fmt::format("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", path));
    CHECK(is_problem(answer, 500, "internal"));
    CHECK(answer.find("broken") == std::string::npos);
  }
}

TEST_CASE("http server: 200 connections at once are all answered, each twice") {
  const auto server = serve(echo);
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back(server->port());
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) {
      clients[i].send(fmt::format("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", i));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      CHECK(clients[i].read_answer().ends_with(fmt::format("GET /{} ", i)));
    }
  }
}

TEST_CASE("http server: a stop lets a running request finish and closes idle connections") {
  std::promise<HttpRespond> asked;
  const auto server =
      serve([&asked](const HttpRequest&, const HttpRespond& respond) { asked.set_value(respond); });
  RawClient idle(server->port());
  RawClient busy(server->port());
  busy.send(get_root);
  std::optional<HttpRespond> respond = asked.get_future().get();
  const auto started = std::chrono::steady_clock::now();
  std::jthread stopper([&server] { server->stop(); });
  CHECK(idle.closed_within(milliseconds(2000)));
  (*respond)({200, "text/plain", "late", {}});
  const auto answer = busy.read_to_end();
  CHECK(answer.ends_with("late"));
  CHECK(answer.find("Connection: close") != std::string::npos);
  stopper.join();
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(4));
  server->stop();
}

TEST_CASE("http server: a stop does not wait for ever, and an answer after it goes nowhere") {
  HttpLimits limits;
  limits.stop = milliseconds(100);
  std::promise<HttpRespond> asked;
  auto server =
      serve([&asked](const HttpRequest&, const HttpRespond& respond) { asked.set_value(respond); },
            limits);
  RawClient client(server->port());
  client.send(get_root);
  const HttpRespond respond = asked.get_future().get();
  server.reset();
  CHECK(client.closed_within(milliseconds(2000)));
  respond({200, "text/plain", "in vain", {}});
}

TEST_CASE("http server: a port that is taken or an address that is not ours is an error") {
  const auto server = serve(echo);
  HttpServerOptions options;
  options.listen.port = server->port();
  const auto taken = HttpServer::start(options, echo);
  REQUIRE_FALSE(taken.has_value());
  CHECK(taken.error().code == ErrorCode::in_use);
  CHECK(taken.error().message.find(to_string(options.listen)) != std::string::npos);
  CHECK(taken.error().message.find("in use") != std::string::npos);
  options.listen = {"192.0.2.1", 0};
  const auto foreign = HttpServer::start(options, echo);
  REQUIRE_FALSE(foreign.has_value());
  CHECK(foreign.error().code == ErrorCode::invalid_input);
  options.listen = {"no-such-host.invalid", 0};
  CHECK_FALSE(HttpServer::start(options, echo).has_value());
  options.listen = {"localhost", 0};
  CHECK(HttpServer::start(options, echo).has_value());
}

TEST_CASE("http server: a timer calls back on the server's thread, after its delay") {
  std::promise<std::thread::id> handled;
  const auto server = serve([&handled](const HttpRequest&, const HttpRespond& respond) {
    handled.set_value(std::this_thread::get_id());
    respond({});
  });
  std::promise<std::thread::id> called;
  const auto start = std::chrono::steady_clock::now();
  server->after(milliseconds(0), [] { throw std::runtime_error("a callback that throws"); });
  server->after(milliseconds(30), [&called] { called.set_value(std::this_thread::get_id()); });
  server->after(std::chrono::hours(1), [] {});
  const auto thread = called.get_future().get();
  CHECK(std::chrono::steady_clock::now() - start >= milliseconds(30));
  ask_once(server->port(), get_root);
  CHECK(handled.get_future().get() == thread);
}
