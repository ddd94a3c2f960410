#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "broker-bridge/tls/tls_files.h"

namespace muster {

/// Why a TLS connection to the broker at `host`:`port` does not come about, in words for an
/// operator; empty if it does. The MQTT library checks the same and does not say what it found, so
/// this is asked once it has failed: it connects, shakes hands, sends nothing and closes.
/// Blocks up to about `timeout` for each step. Any thread; SIGPIPE must be ignored.
[[nodiscard]] std::string try_tls(const std::string& host, std::uint16_t port,
                                  const TlsFiles& files, std::chrono::milliseconds timeout);

}  // namespace muster
