#include "tools/http/dialogue.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "tests/tools/http/raw_client.h"
#include "tools/http/client.h"
#include "tools/http/server.h"

using namespace muster;  // NOLINT(google-build-using-namespace)
using muster::test::RawClient;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// What dialogues did, for tests to look at.
struct Seen {
  std::atomic<std::size_t> taken{0};
  std::atomic<int> ended{0};  // 1: as a whole; 2: cut off.
  std::atomic<bool> abandoned{false};
  std::atomic<bool> gone{false};
  std::atomic<std::size_t> held_max{0};
};

/// Gives back what it takes, at once; a `.` ends the answer.
class Echo final : public HttpDialogue {
 public:
  Echo(Seen& seen, std::size_t held_max) : seen_(seen), held_max_(held_max) {}
  Echo(const Echo&) = delete;
  Echo& operator=(const Echo&) = delete;
  ~Echo() override { seen_.gone = true; }

  [[nodiscard]] bool hungry() const override { return out_.size() < held_max_ && !over_; }
  void take(std::string_view part) override {
    seen_.taken += part.size();
    const auto end = part.find('.');
    over_ = over_ || end != std::string_view::npos;
    out_.append(part.substr(0, end == std::string_view::npos ? end : end + 1));
    seen_.held_max = std::max<std::size_t>(seen_.held_max, out_.size());
    changed();
  }
  void end(bool complete) override {
    seen_.ended = complete ? 1 : 2;
    cut_ = !complete;
    over_ = true;
    changed();
  }
  [[nodiscard]] HttpResponse head() override {
    if (out_.empty() && seen_.taken == 0) return {.status = 400, .body = "nothing"};
    return {.content_type = "text/plain"};
  }
  [[nodiscard]] std::string give() override { return std::exchange(out_, {}); }
  [[nodiscard]] bool finished() const override { return over_ && out_.empty(); }
  [[nodiscard]] bool cut_off() const override { return cut_; }
  void abandon() override { seen_.abandoned = true; }

 private:
  Seen& seen_;
  std::size_t held_max_;
  std::string out_;
  bool over_ = false;
  bool cut_ = false;
};

/// Says one word, and then nothing until it is wound up.
class Waiting final : public HttpDialogue {
 public:
  [[nodiscard]] bool hungry() const override { return false; }
  void take(std::string_view /*part*/) override {}
  void end(bool /*complete*/) override {}
  [[nodiscard]] HttpResponse head() override { return {.content_type = "text/plain"}; }
  [[nodiscard]] std::string give() override { return std::exchange(out_, {}); }
  [[nodiscard]] bool finished() const override { return over_ && out_.empty(); }
  [[nodiscard]] bool cut_off() const override { return false; }
  void wind_up() override {
    out_ = "bye";
    over_ = true;
  }
  void abandon() override {}

 private:
  std::string out_ = "hello";
  bool over_ = false;
};

struct EchoServer {
  explicit EchoServer(HttpLimits limits = {}, std::size_t held_max = 1U << 20U) {
    const auto handle = [this, held_max](const HttpRequest& request, const HttpRespond& respond) {
      const auto& what = request.segments.front();
      if (what == "refuse") return respond({.status = 403, .body = "no"});
      if (what == "wait") return respond.converse(std::make_shared<Waiting>());
      respond.converse(std::make_shared<Echo>(seen, held_max));
    };
    auto started = HttpServer::start({.listen = {"127.0.0.1", 0}, .limits = limits}, handle);
    REQUIRE(started.has_value());
    server = std::move(*started);
  }

  [[nodiscard]] HttpClient client() const {
    return {fmt::format("http://127.0.0.1:{}", server->port()), "", seconds(20)};
  }

  /// Polls until `condition` holds.
  template <typename Condition>
  static bool soon(const Condition& condition) {
    for (int i = 0; i < 1'000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(milliseconds(10));
    }
    return false;
  }

  Seen seen;
  std::unique_ptr<HttpServer> server;
};

const std::string head =
    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    "Transfer-Encoding: chunked\r\n";

std::string chunk(std::string_view text) {
  return fmt::format("{:x}\r\n{}\r\n", text.size(), text);
}

const std::vector<HttpField> in_lines{{"Content-Type", "application/x-ndjson; charset=utf-8"}};

}  // namespace

TEST_CASE("dialogue: what is sent is answered before more is sent") {
  const EchoServer server;
  RawClient client(server.server->port());
  client.send(head + "\r\n" + chunk("one"));
  CHECK(client.read_until("one\r\n").find("Transfer-Encoding: chunked") != std::string::npos);
  client.send(chunk("two"));
  CHECK(client.read_until("two\r\n") == chunk("two"));
  client.send("0\r\n\r\n");
  CHECK(client.read_to_end() == "0\r\n\r\n");
  CHECK(server.seen.ended == 1);
}

TEST_CASE("dialogue: any length goes through bounded memory, both ways at once") {
  const EchoServer server({}, 256U << 10U);
  std::size_t sent = 0;
  std::size_t received = 0;
  constexpr std::size_t all = 32U << 20U;
  const HttpParts parts{.source =
                            [&] {
                              if (sent == all) return std::string();
                              sent += 1U << 16U;
                              return std::string(1U << 16U, 'x');
                            },
                        .sink = [&](std::string_view part) { received += part.size(); }};
  const auto response = server.client().converse("/echo", in_lines, parts);
  REQUIRE_MESSAGE(response.has_value(), response.error().message);
  CHECK(response->status == 200);
  CHECK(response->body.empty());
  CHECK(received == all);
  CHECK(server.seen.held_max < (512U << 10U));
}

TEST_CASE("dialogue: a client that does not read stops being read from") {
  const EchoServer server({.write = milliseconds(300)}, 64U << 10U);
  RawClient client(server.server->port());
  client.send(head + "\r\n");
  const std::string part = chunk(std::string(1U << 16U, 'x'));
  auto sending = std::async(std::launch::async, [&] {
    std::size_t parts = 0;
    while (parts < 2'000 && client.send(part)) ++parts;
    return parts;
  });
  CHECK(sending.get() < 2'000);  // It is cut off at the write's deadline.
  CHECK(EchoServer::soon([&] { return server.seen.abandoned && server.seen.gone; }));
  CHECK(server.seen.held_max < (256U << 10U));
}

TEST_CASE("dialogue: a client that goes away in the middle ends it, not as a whole") {
  const EchoServer server;
  {
    RawClient client(server.server->port());
    client.send(head + "\r\n" + chunk("one"));
    client.read_until("one\r\n");
  }
  CHECK(EchoServer::soon([&] { return server.seen.gone.load(); }));
  CHECK(server.seen.ended == 2);
}

TEST_CASE("dialogue: a client that stops sending is cut off, and the answer looks so") {
  const EchoServer server({.body = milliseconds(100)});
  RawClient client(server.server->port());
  client.send(head + "\r\n" + chunk("one"));
  const std::string answer = client.read_to_end();
  CHECK(answer.ends_with("one\r\n"));  // Without the last chunk.
  CHECK(EchoServer::soon([&] { return server.seen.ended == 2; }));
}

TEST_CASE("dialogue: an answer that is over before the body is not lost to it") {
  const EchoServer server;
  RawClient client(server.server->port());
  client.send(head + "\r\n" + chunk("stop."));
  for (int i = 0; i < 100 && client.send(chunk(std::string(1'000, 'x'))); ++i) {
  }
  const std::string answer = client.read_to_end();
  CHECK(answer.find(chunk("stop.")) != std::string::npos);
  CHECK(answer.ends_with("0\r\n\r\n"));
}

TEST_CASE("dialogue: bodies in one piece, waiting clients, and empty ones") {
  const EchoServer server;
  const std::string lines =
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n";
  RawClient plain(server.server->port());
  plain.send(lines + "Content-Length: 3\r\n\r\none");
  CHECK(plain.read_to_end().ends_with("3\r\none\r\n0\r\n\r\n"));
  RawClient waiting(server.server->port());
  waiting.send(lines + "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(waiting.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  waiting.send("one");
  CHECK(waiting.read_to_end().ends_with("3\r\none\r\n0\r\n\r\n"));
  const std::string large(3U << 20U, 'x');  // Other bodies may have a third of it.
  const auto size = fmt::format("Content-Length: {}\r\n\r\n", large.size());
  RawClient long_one(server.server->port());
  const std::jthread sending([&] { long_one.send(lines + size + large); });
  CHECK(long_one.read_to_end().size() > large.size());
  EchoServer fresh;
  RawClient empty(fresh.server->port());
  empty.send(lines + "Content-Length: 0\r\n\r\n");
  CHECK(empty.read_answer().starts_with("HTTP/1.1 400 "));
}

TEST_CASE("dialogue: refused without its body, with too many others, or to HTTP/1.0") {
  const EchoServer server({.dialogues = 1});
  const auto refused = server.client().converse(
      "/refuse", in_lines,
      {.source = [] { return std::string(1U << 16U, 'x'); }, .sink = [](auto) {}});
  REQUIRE_MESSAGE(refused.has_value(), refused.error().message);
  CHECK(refused->status == 403);
  CHECK(refused->body == "no");
  RawClient first(server.server->port());
  first.send(head + "\r\n" + chunk("one"));
  first.read_until("one\r\n");
  RawClient second(server.server->port());
  second.send(head + "\r\n" + chunk("two"));
  CHECK(second.read_answer().find("busy") != std::string::npos);
  RawClient old(server.server->port());
  old.send(
      "POST /echo HTTP/1.0\r\nContent-Type: application/x-ndjson\r\nContent-Length: 3\r\n\r\none");
  CHECK(old.read_answer().starts_with("HTTP/1.1 400 "));
}

TEST_CASE("dialogue: stopping the server ends those that wait, and leaves a cut") {
  EchoServer server;
  RawClient client(server.server->port());
  client.send(head + "\r\n" + chunk("one"));
  client.read_until("one\r\n");
  const auto began = std::chrono::steady_clock::now();
  server.server->stop();
  CHECK(std::chrono::steady_clock::now() - began < seconds(4));
  CHECK_FALSE(client.read_to_end().ends_with("0\r\n\r\n"));
  CHECK(server.seen.ended == 2);
}

TEST_CASE("dialogue: one that waits is told that the server stops, and has its last word") {
  EchoServer server({.stop = seconds(60)});
  RawClient client(server.server->port());
  client.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("hello\r\n");
  const auto began = std::chrono::steady_clock::now();
  server.server->stop();
  CHECK(std::chrono::steady_clock::now() - began < seconds(50));
  CHECK(client.read_to_end().ends_with(chunk("bye") + "0\r\n\r\n"));
}
