#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "broker-bridge/reconcile/retained_targets.h"
#include "broker-bridge/tls/tls_files.h"
#include "core/base/error.h"

namespace muster {

struct TargetReadingOptions {
  std::string host;
  std::uint16_t port = 0;
  std::string client_id;
  std::string username;  // Empty: none.
  std::string password;
  std::optional<TlsFiles> tls;  // Only with TLS, then.
};

/// Reads all retained targets of the broker, on a connection of its own and at QoS 0: at QoS 1
/// brokers keep back a thousand or so for one client and drop the rest. Blocks for some seconds,
/// at most about 40; a stop ends it soon. The answer is settled.
/// Errors: unavailable (no connection, or the end was not reached), invalid_input (credentials).
[[nodiscard]] Result<RetainedTargets> read_retained_targets(const TargetReadingOptions& options,
                                                            const std::stop_token& stop);

}  // namespace muster
