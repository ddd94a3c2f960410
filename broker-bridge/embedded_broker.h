#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/uuid.h"

namespace muster {

struct EmbeddedBrokerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;            // 0: a free one.
  std::filesystem::path run_folder;  // Made if missing; only we may look into it.
  bool persistence = false;          // Keep retained messages in the run folder.
  std::filesystem::path binary;      // Empty: in PATH, else /usr/sbin/mosquitto.
  std::filesystem::path plugin;      // Empty: ../lib/muster beside this program's folder.
  Uuid log;                          // Whose tokens let a device in, once the bridge said which.
  std::string device_keys;           // Public keys that sign them (PEM).
};

/// With what the bridge connects.
struct BrokerLogin {
  std::string username;
  std::string password;
};

/// The system's mosquitto as a supervised child with a generated configuration and our plugin,
/// which lets in the bridge and devices with good tokens, and nobody else. Restarted when it
/// dies, after 0.1 s doubling to 5 s. It ends with this object and with this process, however
/// that ends. A thread of the object starts it, drains its log and waits for it.
class EmbeddedBroker {
 public:
  /// Returns when the broker is ready. `on_ready_again` is called after each restart, on the
  /// object's thread; it may only hand over to another one.
  /// Errors: invalid_input (host, run folder, keys), in_use (port taken), failed (no mosquitto or
  /// no plugin, or it ends: with its last lines).
  [[nodiscard]] static Result<std::unique_ptr<EmbeddedBroker>> start(
      EmbeddedBrokerOptions options, std::function<void()> on_ready_again);

  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  /// Stops the broker: SIGTERM, after 5 s SIGKILL.
  ~EmbeddedBroker();

  [[nodiscard]] std::uint16_t port() const noexcept;

  /// Made anew by each `start`; a restart of the broker keeps it.
  [[nodiscard]] const BrokerLogin& login() const noexcept;

  /// 0 while it is not running.
  [[nodiscard]] pid_t pid() const noexcept;

  /// How often it came back after it died.
  [[nodiscard]] int restarts() const noexcept;

  /// Why it is not restarted any more: its configuration or its port is refused.
  [[nodiscard]] std::optional<Error> failure() const;

 private:
  class Supervisor;

  explicit EmbeddedBroker(std::unique_ptr<Supervisor> supervisor);

  std::unique_ptr<Supervisor> supervisor_;
};

/// A TCP port on 127.0.0.1 that nobody listens on at this moment.
[[nodiscard]] Result<std::uint16_t> free_loopback_port();

}  // namespace muster
