#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/error.h"
#include "tools/http/host_port.h"
#include "tools/http/respond.h"

namespace muster {

/// What a client may take of the server. Beyond: an answer that says so, then often the end of
/// the connection.
struct HttpLimits {
  std::size_t body_bytes = std::size_t{1} << 20U;                // 413 `body-too-large`
  std::uint32_t header_bytes = std::uint32_t{16} << 10U;         // 431 `headers-too-large`
  std::size_t connections = 4096;                                // 503 `busy`
  std::size_t requests_in_flight = 1024;                         // 503 `busy`
  std::size_t dialogues = 16;                                    // 503 `busy`
  std::chrono::milliseconds idle = std::chrono::seconds(60);     // Between two requests.
  std::chrono::milliseconds header = std::chrono::seconds(10);   // From the first byte.
  std::chrono::milliseconds body = std::chrono::seconds(30);     // Of a dialogue: for each part.
  std::chrono::milliseconds answer = std::chrono::seconds(120);  // 503 `no-answer-in-time`
  std::chrono::milliseconds write = std::chrono::seconds(30);    // For each 64 KiB.
  std::chrono::milliseconds stop = std::chrono::seconds(5);      // For requests that run.
  // After a refusal the rest of what the client sends is read and thrown away, within these
  // bounds: closing at once would reset the connection and could destroy the refusal.
  std::chrono::milliseconds linger = std::chrono::seconds(5);
  std::size_t linger_bytes = std::size_t{256} << 20U;
};

struct HttpServerOptions {
  HostPort listen{"127.0.0.1", 0};  // Port 0: any free one.
  HttpLimits limits = {};
};

/// An HTTP/1.1 server on one thread of its own. Slow or idle clients cost memory, not time.
class HttpServer {
 public:
  /// Listens, and serves from then on. A handler that throws gives a 500 and a log line.
  /// Errors: in_use, invalid_input (no such address), failed.
  static Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                   HttpHandler handler);

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Stops. Not on the server's own thread.
  ~HttpServer();

  /// The port it listens on.
  [[nodiscard]] std::uint16_t port() const;

  /// Takes no new connections and requests, lets the running ones finish within `limits.stop`,
  /// then ends. Blocks until then. Not on the server's own thread. Again: does nothing.
  void stop();

  /// Calls `callback` on the server's thread after `delay`; never, if the server stops before.
  /// From any thread.
  void after(std::chrono::milliseconds delay, std::function<void()> callback);

 private:
  class Core;
  explicit HttpServer(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace muster
