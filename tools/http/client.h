#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "tools/http/message.h"
#include "tools/http/problem.h"

namespace muster {

struct HttpClientResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

/// The problem that `response` tells of, if it is an `application/problem+json`.
std::optional<Problem> problem_of(const HttpClientResponse& response);

/// A body of any length, and where an answer of any length goes.
struct HttpParts {
  std::function<std::string()> source;              // The next part; empty: that was all. Null:
                                                    // no body, so a GET.
  std::function<void(std::string_view part)> sink;  // Called with each part as it comes.
};

/// A blocking client for one server; keeps its connection open between calls. One thread.
class HttpClient {
 public:
  /// `url` is `http://HOST[:PORT][/PREFIX]`. `token` is sent as bearer token unless empty.
  /// `timeout` is for a whole call. A wrong url or token is reported by `send`.
  HttpClient(std::string_view url, std::string_view token, std::chrono::milliseconds timeout);

  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  /// Sends one request and reads the answer, of any status. `path_and_query` starts with a slash
  /// and is percent-encoded already (percent.h). A body without Content-Type goes as JSON.
  ///
  /// If a connection kept from an earlier call turns out to be closed before a byte of the
  /// answer came, a safe request or one with an Idempotency-Key is sent once more.
  ///
  /// Errors: unavailable (not reached, closed, no answer in time: the request may have taken
  /// effect), invalid_input (url, token, path or header), failed (not HTTP, or over 64 MiB).
  Result<HttpClientResponse> send(HttpMethod method, std::string_view path_and_query,
                                  const std::vector<HttpField>& headers, std::string_view body);

  /// The same with a body and an answer that go part by part and at the same time, for commands in
  /// bulk. Never sent twice. The body of an answer that is no success comes in the response, as
  /// with `send`, and not to the sink; the response to a success has none. `timeout` is for each
  /// step: it passes only while nothing moves in that direction.
  ///
  /// Errors: as of `send`.
  Result<HttpClientResponse> converse(std::string_view path_and_query,
                                      const std::vector<HttpField>& headers,
                                      const HttpParts& parts);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace muster
