#include "tools/http/client.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <iterator>

#include "tools/http/host_port.h"

namespace muster {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

using Executor = net::io_context::executor_type;
using Stream = beast::basic_stream<tcp, Executor>;
using Resolver = net::ip::basic_resolver<tcp, Executor>;
using Parser = http::response_parser<http::string_body>;

constexpr std::uint64_t body_bytes_max = std::uint64_t{64} << 20U;
constexpr std::uint32_t header_bytes_max = std::uint32_t{64} << 10U;

/// Where a client sends to.
struct Origin {
  HostPort where;
  std::string prefix;  // Empty, or a path without a slash at its end.
};

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  });
}

Result<Origin> parse_url(std::string_view url) {
  const auto refuse = [url](std::string_view why) {
    return fail(ErrorCode::invalid_input, fmt::format("server address '{}': {}", url, why));
  };
  constexpr std::string_view scheme = "http://";
  if (url.starts_with("https://")) {
    return refuse(
        "only http:// is spoken here; for TLS run a proxy on this machine and name that with "
        "http://127.0.0.1:PORT");
  }
  if (!url.starts_with(scheme)) return refuse("it must start with http://");
  auto rest = url.substr(scheme.size());
  if (!is_visible(rest) || rest.find_first_of("?#@") != std::string_view::npos) {
    return refuse("it must be http://HOST[:PORT][/PREFIX]");
  }
  const auto slash = std::min(rest.find('/'), rest.size());
  auto host = std::string(rest.substr(0, slash));
  auto prefix = rest.substr(slash);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  const auto bracket = host.rfind(']');
  if (host.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos) {
    host.append(":80");
  }
  auto where = parse_host_port(host);
  if (!where) return refuse(where.error().message);
  return Origin{std::move(*where), std::string(prefix)};
}

bool has_field(const std::vector<HttpField>& fields, std::string_view name) {
  return std::any_of(fields.begin(), fields.end(), [name](const HttpField& field) {
    return equals_ignoring_case(field.first, name);
  });
}

bool may_repeat(HttpMethod method, const std::vector<HttpField>& headers) {
  const bool safe =
      method == HttpMethod::get || method == HttpMethod::head || method == HttpMethod::options;
  return safe || has_field(headers, "idempotency-key");
}

/// How one attempt went.
struct Attempt {
  error_code error;
  bool got_some = false;
};

HttpClientResponse response_of(Parser& parser) {
  HttpClientResponse response{
      static_cast<int>(parser.get().result_int()), {}, std::move(parser.get().body())};
  for (const auto& field : parser.get()) response.headers.add(field.name_string(), field.value());
  return response;
}

}  // namespace

class HttpClient::Connection {
 public:
  Connection(std::string_view url, std::string_view token, std::chrono::milliseconds timeout)
      : origin_(parse_url(url)), token_(token), timeout_(timeout) {}

  Result<HttpClientResponse> send(HttpMethod method, std::string_view path,
                                  const std::vector<HttpField>& headers, std::string_view body);
  Result<HttpClientResponse> converse(std::string_view path, const std::vector<HttpField>& headers,
                                      const HttpParts& parts);

 private:
  class Conversation;

  [[nodiscard]] Result<std::string> format_head(HttpMethod method, std::string_view path,
                                                const std::vector<HttpField>& headers) const;
  [[nodiscard]] Result<std::string> format_request(HttpMethod method, std::string_view path,
                                                   const std::vector<HttpField>& headers,
                                                   std::string_view body) const;
  bool is_open();
  error_code connect();
  Attempt exchange(std::string_view bytes, Parser& parser);
  void await();
  void close();
  [[nodiscard]] Error not_reached(const error_code& error) const;
  [[nodiscard]] Error not_answered(const error_code& error) const;

  Result<Origin> origin_;
  std::string token_;
  std::chrono::milliseconds timeout_;
  net::io_context context_{1};
  Stream stream_{context_.get_executor()};
  beast::flat_buffer buffer_;
};

/// Request line and headers, without those about the body and without the end.
Result<std::string> HttpClient::Connection::format_head(
    HttpMethod method, std::string_view path, const std::vector<HttpField>& headers) const {
  if (!path.starts_with('/') || !is_visible(path)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("path '{}': it must start with a slash and be percent-encoded", path));
  }
  if (!is_visible(token_)) {
    return fail(ErrorCode::invalid_input, "the token has white space or other odd characters");
  }
  std::string out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, "{} {}{} HTTP/1.1\r\nHost: {}\r\n", to_string(method), origin_->prefix, path,
                 to_string(origin_->where));
  if (!token_.empty()) fmt::format_to(to, "Authorization: Bearer {}\r\n", token_);
  for (const auto& [name, value] : headers) {
    if (name.empty() || !is_visible(name) || !is_field_value(value)) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("header '{}': control characters cannot be sent", name));
    }
    fmt::format_to(to, "{}: {}\r\n", name, value);
  }
  return out;
}

Result<std::string> HttpClient::Connection::format_request(HttpMethod method, std::string_view path,
                                                           const std::vector<HttpField>& headers,
                                                           std::string_view body) const {
  auto head = format_head(method, path, headers);
  if (!head) return head;
  std::string& out = *head;
  if (!body.empty() && !has_field(headers, "content-type")) {
    out.append("Content-Type: application/json\r\n");
  }
  const bool may_have_body = method != HttpMethod::get && method != HttpMethod::head;
  if (may_have_body || !body.empty()) out += fmt::format("Content-Length: {}\r\n", body.size());
  out.append("\r\n").append(body);
  return head;
}

/// Runs what was started on the stream; its deadline ends it.
void HttpClient::Connection::await() {
  context_.restart();
  context_.run();
}

void HttpClient::Connection::close() {
  stream_.close();
  buffer_.clear();
}

/// False also for a connection that the server has closed meanwhile, as far as that is known.
bool HttpClient::Connection::is_open() {
  if (!stream_.socket().is_open()) return false;
  char byte = 0;
  const auto seen = ::recv(stream_.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  const bool quiet = seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (!quiet || buffer_.size() > 0) close();
  return stream_.socket().is_open();
}

error_code HttpClient::Connection::connect() {
  error_code result;
  Resolver resolver(context_.get_executor());
  const auto found =
      resolver.resolve(origin_->where.host, fmt::to_string(origin_->where.port), result);
  if (result) return result;
  stream_.async_connect(
      found, [&result](const error_code& error, const tcp::endpoint& /*peer*/) { result = error; });
  await();
  if (result) {
    close();
    return result;
  }
  error_code ignored;
  ignored = stream_.socket().set_option(tcp::no_delay(true), ignored);
  return result;
}

Attempt HttpClient::Connection::exchange(std::string_view bytes, Parser& parser) {
  Attempt attempt;
  net::async_write(stream_, net::buffer(bytes.data(), bytes.size()),
                   [&attempt](const error_code& error, std::size_t) { attempt.error = error; });
  await();
  if (attempt.error == beast::error::timeout) return attempt;
  // Also after a failed write: a server that refuses a body may answer and close in between.
  http::async_read(stream_, buffer_, parser,
                   [&attempt](const error_code& error, std::size_t) { attempt.error = error; });
  await();
  attempt.got_some = parser.got_some();
  return attempt;
}

Error HttpClient::Connection::not_reached(const error_code& error) const {
  return Error{ErrorCode::unavailable,
               fmt::format("cannot reach http://{}: {}; is the server running, and is that its "
                           "address?",
                           to_string(origin_->where), error.message())};
}

Error HttpClient::Connection::not_answered(const error_code& error) const {
  const auto where = to_string(origin_->where);
  if (error == beast::error::timeout) {
    return Error{ErrorCode::unavailable,
                 fmt::format("no answer from http://{} within {} ms; the request may have taken "
                             "effect",
                             where, timeout_.count())};
  }
  if (error == http::error::body_limit) {
    return Error{ErrorCode::failed, fmt::format("the answer of http://{} is larger than {} bytes",
                                                where, body_bytes_max)};
  }
  const bool closed = error.category() == boost::system::system_category() ||
                      error == net::error::eof || error == http::error::end_of_stream ||
                      error == http::error::partial_message;
  if (closed) {
    return Error{ErrorCode::unavailable,
                 fmt::format("http://{} closed the connection without a full answer ({}); the "
                             "request may have taken effect",
                             where, error.message())};
  }
  return Error{ErrorCode::failed,
               fmt::format("what answers at http://{} is not HTTP: {}", where, error.message())};
}

Result<HttpClientResponse> HttpClient::Connection::send(HttpMethod method, std::string_view path,
                                                        const std::vector<HttpField>& headers,
                                                        std::string_view body) {
  if (!origin_) return tl::unexpected<Error>(origin_.error());
  const auto request = format_request(method, path, headers, body);
  if (!request) return tl::unexpected<Error>(request.error());
  stream_.expires_after(timeout_);
  bool kept = is_open();
  while (true) {
    if (!kept) {
      if (const auto error = connect()) return tl::unexpected(not_reached(error));
    }
    Parser parser;
    parser.body_limit(body_bytes_max);
    parser.header_limit(header_bytes_max);
    parser.skip(method == HttpMethod::head);
    const auto attempt = exchange(*request, parser);
    if (!attempt.error) {
      if (!parser.keep_alive()) close();
      return response_of(parser);
    }
    close();
    const bool stale = kept && !attempt.got_some && attempt.error != beast::error::timeout;
    if (!stale || !may_repeat(method, headers)) return tl::unexpected(not_answered(attempt.error));
    kept = false;
  }
}

/// One exchange in parts: writing and reading run side by side on the connection.
class HttpClient::Connection::Conversation {
 public:
  Conversation(Connection& connection, std::string head, const HttpParts& parts)
      : connection_(connection), outgoing_(std::move(head)), parts_(parts) {
    parser_.header_limit(header_bytes_max);
    parser_.body_limit(boost::none);
  }

  Result<HttpClientResponse> run() {
    write();
    read();
    connection_.await();
    connection_.close();
    if (!parser_.is_done()) return tl::unexpected(connection_.not_answered(error_));
    auto response = response_of(parser_);
    response.body = std::move(refusal_);
    return response;
  }

 private:
  Stream& stream() { return connection_.stream_; }

  /// Sends what is outgoing and the next part; the server may answer and close in between.
  void write() {
    const std::string part = parts_.source ? parts_.source() : std::string();
    if (parts_.source) outgoing_ += part.empty() ? std::string(last_chunk) : format_chunk(part);
    stream().expires_after(connection_.timeout_);
    net::async_write(stream(), net::buffer(outgoing_),
                     [this, last = part.empty()](const error_code& error, std::size_t) {
                       outgoing_.clear();
                       if (!error && !last) write();
                     });
  }

  void read() {
    stream().expires_after(connection_.timeout_);
    http::async_read_some(stream(), connection_.buffer_, parser_,
                          [this](const error_code& error, std::size_t) { received(error); });
  }

  void received(const error_code& error) {
    if (parser_.is_header_done()) pass_on(parser_.get().body());
    error_ = error;
    if (!error && !parser_.is_done()) return read();
    stream().close();  // Ends a write that the server does not wait for.
  }

  void pass_on(std::string& body) {
    const bool success = parser_.get().result_int() / 100 == 2;
    if (success && !body.empty()) parts_.sink(body);
    if (!success && refusal_.size() < body_bytes_max) refusal_ += body;
    body.clear();
  }

  Connection& connection_;
  std::string outgoing_;
  const HttpParts& parts_;
  Parser parser_;
  std::string refusal_;
  error_code error_;
};

Result<HttpClientResponse> HttpClient::Connection::converse(std::string_view path,
                                                            const std::vector<HttpField>& headers,
                                                            const HttpParts& parts) {
  if (!origin_) return tl::unexpected<Error>(origin_.error());
  const bool has_body = parts.source != nullptr;
  auto head = format_head(has_body ? HttpMethod::post : HttpMethod::get, path, headers);
  if (!head) return tl::unexpected<Error>(head.error());
  head->append(has_body ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
  close();
  stream_.expires_after(timeout_);
  if (const auto error = connect()) return tl::unexpected(not_reached(error));
  return Conversation(*this, std::move(*head), parts).run();
}

std::optional<Problem> problem_of(const HttpClientResponse& response) {
  if (!response.headers.value("content-type").starts_with("application/problem+json")) {
    return std::nullopt;
  }
  return parse_problem(response.body);
}

HttpClient::HttpClient(std::string_view url, std::string_view token,
                       std::chrono::milliseconds timeout)
    : connection_(std::make_unique<Connection>(url, token, timeout)) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpClientResponse> HttpClient::send(HttpMethod method, std::string_view path_and_query,
                                            const std::vector<HttpField>& headers,
                                            std::string_view body) {
  return connection_->send(method, path_and_query, headers, body);
}

Result<HttpClientResponse> HttpClient::converse(std::string_view path_and_query,
                                                const std::vector<HttpField>& headers,
                                                const HttpParts& parts) {
  return connection_->converse(path_and_query, headers, parts);
}

}  // namespace muster
