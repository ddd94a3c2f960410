#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster {

/// Where to listen or to connect to. `host` is a name, an IPv4 address or an IPv6 address
/// without its brackets; never empty.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

/// `host:port`, with brackets around an IPv6 address.
std::string to_string(const HostPort& where);

/// Reads `127.0.0.1:7880`, `localhost:0` or `[::1]:7880`. The port must be there.
/// Errors: invalid_input.
Result<HostPort> parse_host_port(std::string_view text);

}  // namespace muster
