#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/http/host_port.h"
#include "tools/mqtt/wire.h"

namespace muster::bench {

/// Two brokers side by side: the embedded one with our plugin and an open gate, and the same
/// mosquitto without it, which lets everybody in.
class ConnectStand {
 public:
  /// Keeps their files in `folder`, which must be empty.
  /// Errors: failed (a broker does not start), unavailable (the gate does not open).
  [[nodiscard]] static Result<ConnectStand> open(const std::filesystem::path& folder);

  ConnectStand(ConnectStand&&) noexcept;
  ConnectStand& operator=(ConnectStand&&) = delete;
  ConnectStand(const ConnectStand&) = delete;
  ConnectStand& operator=(const ConnectStand&) = delete;
  ~ConnectStand();

  /// Devices that no broker has seen, with good tokens.
  [[nodiscard]] std::vector<mqtt::Login> new_devices(std::size_t count) const;

  [[nodiscard]] HostPort guarded() const;
  [[nodiscard]] HostPort plain() const;

  /// Waits until both brokers have closed the connections of the last storm.
  /// Errors: failed if that takes longer than 30 s.
  [[nodiscard]] Result<void> settle() const;

 private:
  class Parts;
  explicit ConnectStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
