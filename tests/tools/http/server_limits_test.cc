#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/tools/http/raw_client.h"
#include "tools/http/server.h"

using namespace muster;  // NOLINT(google-build-using-namespace)
using muster::test::RawClient;
using std::chrono::milliseconds;

namespace {

std::unique_ptr<HttpServer> serve(const HttpLimits& limits, HttpHandler handler) {
  HttpServerOptions options;
  options.limits = limits;
  auto server = HttpServer::start(options, std::move(handler));
  REQUIRE(server.has_value());
  return std::move(*server);
}

void size_of_body(const HttpRequest& request, const HttpRespond& respond) {
  respond({200, "text/plain", fmt::format("{}", request.body.size()), {}});
}

bool is_refusal(const std::string& answer, int status, std::string_view code) {
  return answer.starts_with(fmt::format("HTTP/1.1 {} ", status)) &&
         answer.find(fmt::format(R"("code":"{}")", code)) != std::string::npos;
}

std::string post_head(std::string_view framing) {
  return fmt::format("POST / HTTP/1.1\r\nHost: x\r\n{}\r\n\r\n", framing);
}

std::string chunk(std::size_t size) {
  return fmt::format("{:x}\r\n{}\r\n", size, std::string(size, 'x'));
}

}  // namespace

TEST_CASE("http limits: a body at the limit is taken, one byte more is not") {
  HttpLimits limits;
  limits.body_bytes = 1000;
  const auto server = serve(limits, size_of_body);
  RawClient client(server->port());
  client.send(post_head("Content-Length: 1000") + std::string(1000, 'x'));
  CHECK(client.read_answer().ends_with("1000"));
  client.send(post_head("Transfer-Encoding: chunked") + chunk(600) + chunk(400) + "0\r\n\r\n");
  CHECK(client.read_answer().ends_with("1000"));
  client.send(post_head("Content-Length: 1001"));
  CHECK(is_refusal(client.read_answer(), 413, "body-too-large"));
  RawClient chunked(server->port());
  chunked.send(post_head("Transfer-Encoding: chunked") + chunk(600) + chunk(401) + "0\r\n\r\n");
  CHECK(is_refusal(chunked.read_answer(), 413, "body-too-large"));
}

TEST_CASE("http limits: a client that asks first is refused without a 100") {
  const auto server = serve({}, size_of_body);
  RawClient client(server->port());
  client.send(post_head("Expect: 100-continue\r\nContent-Length: 104857600"));
  CHECK(is_refusal(client.read_answer(), 413, "body-too-large"));
}

TEST_CASE("http limits: who sends 100 MB before reading still sees the 413") {
  HttpLimits limits;
  limits.linger = std::chrono::minutes(5);  // However busy the machine is.
  const auto server = serve(limits, size_of_body);
  constexpr std::size_t size = 100'000'000;
  const std::string megabyte(1'000'000, 'x');
  RawClient plain(server->port());
  REQUIRE(plain.send(post_head(fmt::format("Content-Length: {}", size))));
  for (std::size_t sent = 0; sent < size; sent += megabyte.size()) REQUIRE(plain.send(megabyte));
  CHECK(is_refusal(plain.read_answer(), 413, "body-too-large"));

  RawClient chunked(server->port());
  REQUIRE(chunked.send(post_head("Transfer-Encoding: chunked")));
  for (std::size_t sent = 0; sent < size; sent += megabyte.size()) {
    REQUIRE(chunked.send(chunk(megabyte.size())));
  }
  CHECK(is_refusal(chunked.read_answer(), 413, "body-too-large"));
}

TEST_CASE("http limits: reading on after a refusal ends by size and by time") {
  HttpLimits limits;
  limits.linger_bytes = 1'000'000;
  limits.linger = milliseconds(200);
  const auto server = serve(limits, size_of_body);
  RawClient flood(server->port());
  flood.send(post_head("Content-Length: 1000000000"));
  const std::string megabyte(1'000'000, 'x');
  int taken = 0;
  while (taken < 100 && flood.send(megabyte)) ++taken;
  CHECK(taken < 100);
  RawClient silent(server->port());
  silent.send(post_head("Content-Length: 1000000000"));
  CHECK(silent.closed_within(milliseconds(2000)));
}

TEST_CASE("http limits: a head that is too large is a 431") {
  HttpLimits limits;
  limits.header_bytes = 1024;
  const auto server = serve(limits, size_of_body);
  RawClient field(server->port());
  field.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(2000, 'x') + "\r\n\r\n");
  CHECK(is_refusal(field.read_answer(), 431, "headers-too-large"));
  RawClient target(server->port());
  target.send("GET /" + std::string(2000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(is_refusal(target.read_answer(), 431, "headers-too-large"));
  RawClient endless(server->port());
  endless.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 100; ++i) endless.send(fmt::format("X-{}: 0123456789\r\n", i));
  CHECK(is_refusal(endless.read_answer(), 431, "headers-too-large"));
}

TEST_CASE("http limits: slow heads, slow bodies and idle connections are closed in time") {
  HttpLimits limits;
  limits.header = milliseconds(200);
  limits.body = milliseconds(200);
  limits.idle = milliseconds(300);
  const auto server = serve(limits, size_of_body);
  const auto start = std::chrono::steady_clock::now();
  RawClient silent(server->port());
  CHECK(silent.closed_within(milliseconds(3000)));

  RawClient loris(server->port());
  std::jthread drip([&loris](const std::stop_token& stop) {
    while (!stop.stop_requested() && loris.send("G")) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  });
  drip.join();  // Ends when the server closes.

  RawClient body(server->port());
  body.send(post_head("Content-Length: 10") + "x");
  CHECK(body.closed_within(milliseconds(3000)));

  RawClient idle(server->port());
  idle.send(post_head("Content-Length: 1") + "x");
  CHECK(idle.read_answer().ends_with("1"));
  CHECK(idle.closed_within(milliseconds(3000)));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(6));
}

TEST_CASE("http limits: a client that does not read its answer is closed in time") {
  HttpLimits limits;
  limits.write = milliseconds(200);
  limits.connections = 1;
  const auto server = serve(limits, [](const HttpRequest& request, const HttpRespond& respond) {
    respond({200, "text/plain", std::string(request.segments.empty() ? 1 : 64'000'000, 'x'), {}});
  });
  RawClient deaf(server->port());
  deaf.send("GET /much HTTP/1.1\r\nHost: x\r\n\r\n");
  // There is room for one connection only: another is served when the deaf one is gone.
  for (int i = 0; i < 200; ++i) {
    RawClient next(server->port());
    next.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    if (next.read_answer().starts_with("HTTP/1.1 200 ")) return;
    std::this_thread::sleep_for(milliseconds(50));
  }
  FAIL("the client that does not read was never closed");
}

TEST_CASE("http limits: a connection too many is told to come back, and may when there is room") {
  HttpLimits limits;
  limits.connections = 2;
  const auto server = serve(limits, size_of_body);
  const auto ask = [](RawClient& client) {
    client.send(post_head("Content-Length: 0"));
    return client.read_answer();
  };
  RawClient first(server->port());
  CHECK(ask(first).starts_with("HTTP/1.1 200"));
  {
    RawClient second(server->port());
    CHECK(ask(second).starts_with("HTTP/1.1 200"));
    RawClient third(server->port());
    const auto answer = ask(third);
    CHECK(is_refusal(answer, 503, "busy"));
    CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
  }
  for (int i = 0; i < 100; ++i) {
    RawClient later(server->port());
    if (ask(later).starts_with("HTTP/1.1 200")) return;
    std::this_thread::sleep_for(milliseconds(20));
  }
  FAIL("there was never room again");
}

TEST_CASE("http limits: a request too many, or one never answered, is a 503 and no more") {
  HttpLimits limits;
  limits.requests_in_flight = 1;
  limits.answer = milliseconds(300);
  std::mutex mutex;
  std::vector<HttpRespond> kept;
  const auto server = serve(limits, [&](const HttpRequest& request, const HttpRespond& respond) {
    if (request.segments.empty()) return respond({});
    const std::lock_guard lock(mutex);
    kept.push_back(respond);
  });
  RawClient slow(server->port());
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  while (true) {
    const std::lock_guard lock(mutex);
    if (!kept.empty()) break;
  }
  RawClient other(server->port());
  other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(is_refusal(other.read_answer(), 503, "busy"));
  CHECK(is_refusal(slow.read_answer(), 503, "no-answer-in-time"));
  other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(other.read_answer().starts_with("HTTP/1.1 200 "));
}
