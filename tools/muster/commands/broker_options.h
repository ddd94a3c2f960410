#pragma once

#include <string>

#include "broker-bridge/tls/tls_files.h"
#include "tools/http/host_port.h"
#include "tools/muster/declare.h"

namespace muster::cli {

// How commands that speak to a broker name it.

/// Adds --broker-ca, --broker-cert and --broker-key.
void add_broker_tls(CLI::App& command, TlsFiles& files);

/// The broker at `mqtt`, for those who speak to it without TLS. Errors: invalid_input.
[[nodiscard]] Result<HostPort> plain_broker(const std::string& mqtt);

}  // namespace muster::cli
