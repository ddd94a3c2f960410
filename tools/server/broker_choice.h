#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster {

/// Which broker the bridge talks to.
struct BrokerChoice {
  bool embedded = true;
  HostPort address;  // Of the broker; of the listener if it is embedded.
  std::string username;
  std::string password;
};

/// Reads `--mqtt` and `--mqtt-listen`. Only loopback addresses, until devices must prove who they
/// are.
/// Errors: invalid_input, naming the option.
[[nodiscard]] Result<BrokerChoice> choose_broker(std::string_view mqtt, std::string_view listen);

/// Refuses an address that other machines could reach.
[[nodiscard]] Result<void> check_loopback(const HostPort& address, std::string_view option);

}  // namespace muster
