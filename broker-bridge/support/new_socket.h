#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "broker-bridge/support/unique_fd.h"

namespace muster {

/// Finds the TCP connection that a library opens and does not show: take one before, ask after.
/// Linux only (reads /proc/self/fd).
class NewSocket {
 public:
  /// Notes which connections to `port` this process has already.
  explicit NewSocket(std::uint16_t port);

  /// Another descriptor of the connection to `port` opened since; none if there is not exactly
  /// one.
  [[nodiscard]] UniqueFd find() const;

 private:
  std::uint16_t port_;
  std::map<std::string, int> before_;
};

}  // namespace muster
