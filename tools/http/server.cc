#include "tools/http/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <ctime>
#include <exception>
#include <string_view>

#include "core/base/assert.h"
#include "core/base/log.h"
#include "core/base/thread_name.h"
#include "tools/http/problem.h"
#include "tools/http/serving/core.h"

namespace muster {
namespace {

/// How many connections over the limit may be told so at one time; the rest is just closed.
constexpr std::size_t refusals_max = 64;

void deliver(const std::shared_ptr<Gate>& gate, const std::shared_ptr<Slot>& slot,
             HttpAnswer answer) {
  const std::lock_guard lock(gate->mutex);
  if (gate->open == nullptr) return;
  net::post(*gate->open, [slot, answer = std::move(answer)]() mutable {
    slot->answer = std::move(answer);
    if (slot->wake != nullptr) slot->wake->cancel();
  });
}

/// The answer to a request that could not be read; nullopt if nobody is there to hear it.
std::optional<Problem> read_problem(const error_code& error, const HttpLimits& limits) {
  if (error == http::error::body_limit) return body_too_large_problem(limits.body_bytes);
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return headers_too_large_problem(limits.header_bytes);
  }
  const bool about_http =
      error.category() == make_error_code(http::error::end_of_stream).category();
  if (!about_http || error == http::error::end_of_stream || error == http::error::partial_message) {
    return std::nullopt;
  }
  return malformed_request_problem(
      fmt::format("The request could not be read: {}.", error.message()));
}

/// What the message says of itself is wrong, or nullopt and `request` is filled.
std::optional<Problem> to_request(Parser& parser, HttpRequest& request) {
  auto& message = parser.get();
  const auto method = parse_method(message.method_string());
  request.target = message.target();
  if (!method) return unknown_method_problem(message.method_string());
  request.method = *method;
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    return malformed_request_problem("An HTTP/1.1 request has exactly one Host header.");
  }
  for (const auto& field : message) request.headers.add(field.name_string(), field.value());
  request.body = std::move(message.body());
  request.body_follows = !parser.is_done();
  if (request.body_follows && message.version() < 11) {
    return malformed_request_problem("A body in lines needs HTTP/1.1.");
  }
  if (split_target(request)) return std::nullopt;
  return malformed_target_problem();
}

ErrorCode listen_code(const error_code& error) {
  if (error == net::error::address_in_use) return ErrorCode::in_use;
  const bool no_address = error == error_code(EADDRNOTAVAIL, boost::system::system_category()) ||
                          error.category() == net::error::get_netdb_category() ||
                          error.category() == net::error::get_addrinfo_category();
  return no_address ? ErrorCode::invalid_input : ErrorCode::failed;
}

}  // namespace

HttpServer::Core::Core(HttpLimits limits, HttpHandler handler)
    : limits_(limits), handler_(std::move(handler)) {
  gate_->open = &context_;
}

// NOLINTNEXTLINE(bugprone-exception-escape): a server that cannot be stopped ends the program.
HttpServer::Core::~Core() {
  stop();
  const std::lock_guard lock(gate_->mutex);
  gate_->open = nullptr;
}

error_code HttpServer::Core::listen(const HostPort& where) {
  error_code error;
  Resolver resolver(context_.get_executor());
  // "localhost" has two addresses on most machines; clients try 127.0.0.1 in any case.
  const auto host = where.host == "localhost" ? std::string("127.0.0.1") : where.host;
  const auto found = resolver.resolve(host, fmt::to_string(where.port),
                                      Resolver::passive | Resolver::numeric_service, error);
  if (error) return error;
  const tcp::endpoint endpoint = *found.begin();
  if (acceptor_.open(endpoint.protocol(), error)) return error;
  if (acceptor_.set_option(net::socket_base::reuse_address(true), error)) return error;
  if (acceptor_.bind(endpoint, error)) return error;
  if (acceptor_.listen(net::socket_base::max_listen_connections, error)) return error;
  port_ = acceptor_.local_endpoint(error).port();
  return error;
}

void HttpServer::Core::run() {
  net::co_spawn(context_, accept_all(), [](const std::exception_ptr& broken) {
    MUSTER_ASSERT(!broken, "accepting connections does not throw");
  });
  thread_ = std::jthread([this] {
    name_this_thread("muster-http");
    const auto keep_running = net::make_work_guard(context_);
    context_.run();
  });
}

void HttpServer::Core::stop() {
  if (!thread_.joinable()) return;
  MUSTER_ASSERT(thread_.get_id() != std::this_thread::get_id(),
                "the server cannot be stopped from its own thread");
  net::post(context_, [this] { begin_stop(); });
  thread_.join();
}

void HttpServer::Core::begin_stop() {
  stopping_ = true;
  error_code ignored;
  ignored = acceptor_.close(ignored);
  for (auto* session : sessions_) {
    if (session->disposable && !session->writing) session->stream.cancel();
  }
  wind_up_talks();
  if (sessions_.empty()) return context_.stop();
  stop_timer_.expires_after(limits_.stop);
  stop_timer_.async_wait([this](const error_code& /*error*/) {
    log_warn("http requests cut off at stop: connections={}", sessions_.size());
    context_.stop();
  });
}

void HttpServer::Core::forget(Session* session) {
  sessions_.erase(session);
  if (session->refused) --refusals_;
  if (stopping_ && sessions_.empty()) context_.stop();
}

void HttpServer::Core::after(std::chrono::milliseconds delay, std::function<void()> callback) {
  const auto call = [](const std::function<void()>& work) {
    try {
      work();
    } catch (const std::exception& broken) {
      log_error("http timer failed: error={}", broken.what());
    }
  };
  net::post(context_, [this, delay, call, callback = std::move(callback)]() mutable {
    if (delay <= delay.zero()) return call(callback);
    auto timer = std::make_shared<Timer>(context_.get_executor(), delay);
    timer->async_wait([timer, call, callback = std::move(callback)](const error_code& error) {
      if (!error) call(callback);
    });
  });
}

Task<void> HttpServer::Core::accept_all() {
  bool failing = false;
  while (!stopping_) {
    Socket socket(context_.get_executor());
    const auto [error] = co_await acceptor_.async_accept(socket, no_throw);
    if (stopping_ || error == net::error::operation_aborted) co_return;
    if (!error) {
      admit(std::move(socket));
    } else {
      // Out of file descriptors, mostly: the connection stays in the queue meanwhile.
      if (!failing) log_error("http accept failed: error={}", error.message());
      Timer pause(context_.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(no_throw);
    }
    failing = static_cast<bool>(error);
  }
}

void HttpServer::Core::admit(Socket socket) {
  const bool refused = sessions_.size() - refusals_ >= limits_.connections;
  if (refused && refusals_ >= refusals_max) return;
  auto session = std::make_unique<Session>(*this, std::move(socket));
  session->refused = refused;
  if (refused) ++refusals_;
  net::co_spawn(context_, run_session(std::move(session)), [](const std::exception_ptr& broken) {
    if (!broken) return;
    try {
      std::rethrow_exception(broken);
    } catch (const std::exception& error) {
      log_error("http connection failed: error={}", error.what());
    }
  });
}

Task<void> HttpServer::Core::run_session(std::unique_ptr<Session> session) {
  if (session->refused) {
    co_await refuse(session.get(), to_response(busy_problem("no room for another connection")),
                    false);
    co_return;
  }
  while (!stopping_) {
    const bool again = co_await serve_next(session.get());
    if (!again) co_return;
  }
}

/// Serves one request; true if another one may follow on the connection.
Task<bool> HttpServer::Core::serve_next(Session* session) {
  Parser parser;
  const error_code error = co_await read_request(session, &parser);
  const bool head = parser.get().method() == http::verb::head;
  if (error) {
    auto problem = read_problem(error, limits_);
    if (problem) co_await refuse(session, to_response(*problem), head);
    co_return false;
  }
  HttpRequest request;
  request.remote = session->remote;
  HttpResponse response;
  if (const auto problem = to_request(parser, request)) {
    response = to_response(*problem);
  } else if (in_flight_ >= limits_.requests_in_flight) {
    response = to_response(busy_problem("too many requests at once"));
  } else {
    auto answered = co_await answer(std::move(request));
    if (auto* dialogue = std::get_if<std::shared_ptr<HttpDialogue>>(&answered)) {
      co_await converse(session, &parser, std::move(*dialogue));
      co_return false;
    }
    response = std::move(std::get<HttpResponse>(answered));
  }
  if (!parser.is_done()) {  // An answer to a body that was not taken.
    co_await refuse(session, std::move(response), head);
    co_return false;
  }
  const bool keep = parser.keep_alive() && !stopping_;
  const bool written = co_await respond(session, std::move(response), {keep, head});
  co_return written&& keep;
}

Task<error_code> HttpServer::Core::read_request(Session* session, Parser* parser) {
  auto& stream = session->stream;
  auto& buffer = session->buffer;
  parser->header_limit(limits_.header_bytes);
  parser->body_limit(boost::none);  // Until it is known of what type the body is.
  if (buffer.size() == 0) {
    buffer.shrink_to_fit();
    session->disposable = true;
    stream.expires_after(session->fresh ? limits_.header : limits_.idle);
    const auto [error, size] = co_await stream.async_read_some(buffer.prepare(4096), no_throw);
    session->disposable = false;
    if (error) co_return error;
    buffer.commit(size);
  }
  session->fresh = false;
  stream.expires_after(limits_.header);
  const auto [error, size] = co_await http::async_read_header(stream, buffer, *parser, no_throw);
  if (error || parser->is_done()) co_return error;
  if (is_ndjson(parser->get()[http::field::content_type])) co_return error;
  parser->body_limit(limits_.body_bytes);
  if (parser->content_length().value_or(0) > limits_.body_bytes) {
    co_return http::error::body_limit;
  }
  const bool ahead = co_await go_ahead(session, parser);
  if (!ahead) co_return http::error::partial_message;
  stream.expires_after(limits_.body);
  const auto [body_error, body_size] = co_await http::async_read(stream, buffer, *parser, no_throw);
  co_return body_error;
}

/// Tells a client that waits for it to send its body.
Task<bool> HttpServer::Core::go_ahead(Session* session, const Parser* parser) {
  if (!equals_ignoring_case(parser->get()[http::field::expect], "100-continue")) co_return true;
  const bool written = co_await write(session, "HTTP/1.1 100 Continue\r\n\r\n");
  co_return written;
}

void HttpServer::Core::call_handler(HttpRequest request, const std::shared_ptr<Slot>& slot) {
  const HttpRespond respond(
      [gate = gate_, slot](HttpAnswer answer) { deliver(gate, slot, std::move(answer)); });
  const auto line = fmt::format("{} {}", to_string(request.method), request.target);
  try {
    handler_(std::move(request), respond);
    return;
  } catch (const std::exception& broken) {
    log_error("http handler failed: request=\"{}\" error={}", line, broken.what());
  } catch (...) {
    log_error("http handler failed: request=\"{}\" error=unknown", line);
  }
  respond(to_response(internal_problem()));
}

Task<HttpAnswer> HttpServer::Core::answer(HttpRequest request) {
  const Counted flight(in_flight_);
  const auto slot = std::make_shared<Slot>();
  Timer wake(context_.get_executor(), limits_.answer);
  slot->wake = &wake;
  call_handler(std::move(request), slot);
  co_await wake.async_wait(no_throw);
  slot->wake = nullptr;
  if (slot->answer) co_return std::move(*slot->answer);
  log_error("http request not answered in time");
  co_return to_response(no_answer_problem());
}

Task<bool> HttpServer::Core::write(Session* session, std::string bytes) {
  constexpr std::size_t step = std::size_t{64} << 10U;
  for (std::size_t sent = 0; sent < bytes.size();) {
    session->stream.expires_after(limits_.write);
    const auto part = net::buffer(bytes.data() + sent, std::min(step, bytes.size() - sent));
    const auto [error, size] = co_await net::async_write(session->stream, part, no_throw);
    if (error) co_return false;
    sent += size;
  }
  co_return true;
}

Task<bool> HttpServer::Core::respond(Session* session, HttpResponse response,
                                     ResponseFraming framing) {
  framing.date = std::time(nullptr);
  const bool written = co_await write(session, format_response(response, framing));
  co_return written;
}

/// Answers and closes, whatever the client is still sending.
Task<void> HttpServer::Core::refuse(Session* session, HttpResponse response, bool head) {
  const bool written = co_await respond(session, std::move(response), {false, head});
  if (written) co_await linger(session);
}

Task<void> HttpServer::Core::linger(Session* session) {
  error_code error;
  error = session->stream.socket().shutdown(tcp::socket::shutdown_send, error);
  session->disposable = true;
  session->buffer.clear();
  session->stream.expires_after(limits_.linger);
  for (std::size_t seen = 0; seen < limits_.linger_bytes && !stopping_;) {
    const auto space = session->buffer.prepare(std::size_t{16} << 10U);
    const auto [failed, size] = co_await session->stream.async_read_some(space, no_throw);
    if (failed) co_return;
    seen += size;
  }
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                      HttpHandler handler) {
  MUSTER_ASSERT(handler != nullptr, "a server needs a handler");
  auto core = std::make_unique<Core>(options.limits, std::move(handler));
  if (const auto error = core->listen(options.listen)) {
    return fail(listen_code(error),
                fmt::format("cannot listen on {}: {}; choose an address of this machine and a "
                            "free port, or stop the program that has it",
                            to_string(options.listen), error.message()));
  }
  core->run();
  // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): the constructor is private.
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

std::uint16_t HttpServer::port() const { return core_->port(); }

void HttpServer::stop() { core_->stop(); }

void HttpServer::after(std::chrono::milliseconds delay, std::function<void()> callback) {
  core_->after(delay, std::move(callback));
}

}  // namespace muster
