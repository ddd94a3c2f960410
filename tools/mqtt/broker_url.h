#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "broker-bridge/tls/tls_files.h"
#include "core/base/error.h"
#include "tools/http/host_port.h"

namespace muster {

/// Where an MQTT broker is, and how it wants to be spoken to.
struct BrokerUrl {
  HostPort address;
  bool tls = false;
  std::string username;  // Empty: none.
  std::string password;
};

/// Reads `mqtt://[USER:PASSWORD@]HOST:PORT`, `mqtts://…`, or only `HOST:PORT`, which is without
/// TLS.
/// Errors: invalid_input.
[[nodiscard]] Result<BrokerUrl> parse_broker_url(std::string_view text);

/// The files for a connection to `broker`, looked into; nullopt without TLS.
/// Errors: invalid_input: files are given without TLS, or one cannot be used.
[[nodiscard]] Result<std::optional<TlsFiles>> tls_for(const BrokerUrl& broker,
                                                      const TlsFiles& files);

}  // namespace muster
