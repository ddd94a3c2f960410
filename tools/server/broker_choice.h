#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker-bridge/tls/tls_files.h"
#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster {

/// Which broker the bridge talks to.
struct BrokerChoice {
  bool embedded = true;
  HostPort address;  // Of the broker; of the listener if it is embedded.
  std::string username;
  std::string password;
  std::optional<TlsFiles> tls;  // To another broker: with TLS.
};

/// Reads `--mqtt`, `--mqtt-listen` and the files of TLS. The embedded broker may listen anywhere:
/// it lets in only who proves who it is. Another broker without TLS must be on this machine.
/// Errors: invalid_input, naming the option.
[[nodiscard]] Result<BrokerChoice> choose_broker(std::string_view mqtt, std::string_view listen,
                                                 const TlsFiles& files);

/// Refuses an address that other machines could reach; `why` ends the sentence.
[[nodiscard]] Result<void> check_loopback(const HostPort& address, std::string_view option,
                                          std::string_view why);

}  // namespace muster
