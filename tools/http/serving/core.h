#pragma once

// Inside of server.cc and dialogue.cc, which alone may include this: it brings in Boost.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>

#include "tools/http/problem.h"
#include "tools/http/respond.h"
#include "tools/http/server.h"

namespace muster {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

// The concrete executor everywhere: any_io_executor would cost a virtual call for every step.
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<tcp, Executor>;
using Resolver = net::ip::basic_resolver<tcp, Executor>;
using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;
using Stream = beast::basic_stream<tcp, Executor>;
using Parser = http::request_parser<http::string_body>;
template <typename T>
using Task = net::awaitable<T, Executor>;

constexpr auto no_throw = net::as_tuple(net::use_awaitable_t<Executor>{});

/// Where the answer to one request arrives. Used on the server's thread only.
struct Slot {
  std::optional<HttpAnswer> answer;
  Timer* wake = nullptr;  // Of the coroutine that waits for it, while it does.
};

/// Lets answers from other threads in while the server exists, and drops them afterwards.
struct Gate {
  std::mutex mutex;
  net::io_context* open = nullptr;  // Guarded by mutex.
};

/// One more of `count` while it lives.
class Counted {
 public:
  explicit Counted(std::size_t& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  std::size_t& count_;  // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
};

class HttpServer::Core {
 public:
  Core(HttpLimits limits, HttpHandler handler);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  error_code listen(const HostPort& where);
  void run();
  void stop();
  void after(std::chrono::milliseconds delay, std::function<void()> callback);
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  struct Session;
  struct Talk;

  Task<void> accept_all();
  void admit(Socket socket);
  Task<void> run_session(std::unique_ptr<Session> session);
  Task<bool> serve_next(Session* session);
  Task<error_code> read_request(Session* session, Parser* parser);
  Task<HttpAnswer> answer(HttpRequest request);
  Task<bool> converse(Session* session, Parser* parser, std::shared_ptr<HttpDialogue> dialogue);
  Task<void> listen_to(Session* session, Parser* parser, std::shared_ptr<Talk> talk);
  Task<bool> speak(Session* session, std::shared_ptr<Talk> talk);
  static error_code drain(Session* session, Parser* parser);
  Task<bool> go_ahead(Session* session, const Parser* parser);
  Task<bool> write(Session* session, std::string bytes);
  Task<bool> respond(Session* session, HttpResponse response, ResponseFraming framing);
  Task<void> refuse(Session* session, HttpResponse response, bool head);
  Task<void> linger(Session* session);
  void call_handler(HttpRequest request, const std::shared_ptr<Slot>& slot);
  void begin_stop();
  void wind_up_talks();
  void forget(Session* session);

  HttpLimits limits_;
  HttpHandler handler_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  std::unordered_set<Session*> sessions_;
  std::size_t refusals_ = 0;
  std::size_t in_flight_ = 0;
  std::unordered_set<Talk*> talks_;  // Of the dialogues there are.
  bool stopping_ = false;
  std::uint16_t port_ = 0;
  // From here on in this order: what waits inside the context uses all of the above when it is
  // thrown away.
  net::io_context context_{1};
  Acceptor acceptor_{context_.get_executor()};
  Timer stop_timer_{context_.get_executor()};
  std::jthread thread_;
};

/// One connection. Known to the core from construction to destruction.
struct HttpServer::Core::Session {
  Session(Core& owner, Socket socket) : core(owner), stream(std::move(socket)) {
    core.sessions_.insert(this);
    error_code error;
    const auto peer = stream.socket().remote_endpoint(error);
    if (!error) remote = to_string(HostPort{peer.address().to_string(), peer.port()});
    error = stream.socket().set_option(tcp::no_delay(true), error);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { core.forget(this); }

  Core& core;  // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
  Stream stream;
  beast::flat_buffer buffer;
  std::string remote;
  bool disposable = false;  // Nothing is lost by closing it now.
  bool refused = false;     // Over the limit of connections.
  bool writing = false;     // Part of an answer; then a read alone cannot be cancelled.
  bool fresh = true;        // No request was read yet.
};

}  // namespace muster
