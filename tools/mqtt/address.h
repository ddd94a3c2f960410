#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "core/base/error.h"

namespace muster::mqtt {

/// Where a broker listens, as sockets want it.
struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  [[nodiscard]] const sockaddr* generic() const noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it.
    return reinterpret_cast<const sockaddr*>(&bytes);
  }
};

/// Looks `host` up, a name or an address. Errors: unavailable.
[[nodiscard]] Result<Address> resolve(const std::string& host, std::uint16_t port);

}  // namespace muster::mqtt
