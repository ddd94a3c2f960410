#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"
#include "tools/bench/support/server_process.h"
#include "tools/http/client.h"

namespace muster::bench {

/// Asks a server's HTTP API as its administrator, on one connection. One thread at a time.
class ApiClient {
 public:
  explicit ApiClient(const ServerProcess& server);

  /// The answer, and how long it took. Errors: unavailable; failed if it is not 200.
  struct Answer {
    std::string body;
    std::chrono::nanoseconds took{0};
  };
  [[nodiscard]] Result<Answer> send(HttpMethod method, const std::string& path,
                                    const std::string& body);

  [[nodiscard]] Result<nlohmann::json> get(const std::string& path);

  /// A command. Errors: failed also if it changes nothing.
  [[nodiscard]] Result<nlohmann::json> post(const std::string& path, const nlohmann::json& body);

  /// Waits until the broker has all targets and the log does not grow any more.
  /// Errors: failed if that takes more than 15 minutes.
  [[nodiscard]] Result<void> settle(const Progress& progress);

 private:
  HttpClient http_;
};

}  // namespace muster::bench
