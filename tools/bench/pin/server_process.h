#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster::bench {

/// A server of our own in a process of its own, as users run it: `muster serve` with the embedded
/// broker, on free ports. It ends with this object and with the thread that started it.
class ServerProcess {
 public:
  /// Starts `program` over `folder`, which must be empty; returns when it serves.
  /// Errors: failed, with the last words of its log.
  [[nodiscard]] static Result<ServerProcess> start(const std::filesystem::path& program,
                                                   const std::filesystem::path& folder);

  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&&) = delete;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// SIGTERM; after 10 s SIGKILL.
  ~ServerProcess();

  [[nodiscard]] const HostPort& http() const noexcept { return http_; }
  [[nodiscard]] const HostPort& mqtt() const noexcept { return mqtt_; }

  /// The administrator's token.
  [[nodiscard]] const std::string& token() const noexcept { return token_; }

 private:
  explicit ServerProcess(pid_t pid) noexcept : pid_(pid) {}

  [[nodiscard]] Result<void> read_ready_line(const std::string& line);

  pid_t pid_ = -1;
  HostPort http_;
  HostPort mqtt_;
  std::string token_;
};

}  // namespace muster::bench
