#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "broker-bridge/embedded_broker.h"
#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster::bench {

/// A server of our own in a process of its own, as users run it: `muster serve` on free ports. It
/// ends with this object and with the thread that started it.
class ServerProcess {
 public:
  /// Starts `program` over what is in `folder`, if anything; returns when it serves. `mqtt` is its
  /// `--mqtt`: `embedded`, or the URL of a broker.
  /// Errors: failed, with the last words of its log.
  [[nodiscard]] static Result<ServerProcess> start(const std::filesystem::path& program,
                                                   const std::filesystem::path& folder,
                                                   const std::string& mqtt = "embedded");

  ServerProcess(ServerProcess&& other) noexcept;
  ServerProcess& operator=(ServerProcess&&) = delete;
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// SIGTERM; after 10 s SIGKILL.
  ~ServerProcess();

  /// SIGKILL: what was not durable is lost. Nothing of it can be used afterwards.
  void kill();

  /// The memory it holds now, without its broker's. 0 if it cannot be told.
  [[nodiscard]] std::uint64_t resident_bytes() const;

  [[nodiscard]] const HostPort& http() const noexcept { return http_; }
  [[nodiscard]] const HostPort& mqtt() const noexcept { return mqtt_; }

  /// With what the server's bridge connects: only it may use topics of no device.
  [[nodiscard]] const BrokerLogin& bridge() const noexcept { return bridge_; }

  /// The administrator's token.
  [[nodiscard]] const std::string& token() const noexcept { return token_; }

 private:
  explicit ServerProcess(pid_t pid) noexcept : pid_(pid) {}

  [[nodiscard]] Result<void> read_ready_line(const std::string& line);

  pid_t pid_ = -1;
  HostPort http_;
  HostPort mqtt_;
  std::string token_;
  BrokerLogin bridge_;
};

}  // namespace muster::bench
