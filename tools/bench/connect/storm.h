#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "core/base/error.h"
#include "tools/http/host_port.h"
#include "tools/mqtt/wire.h"

namespace muster::bench {

/// Clients that connect one after the other, so many at a time, and stay until all are there. The
/// sockets are real, the clients bare: what is measured is the broker.
struct StormPlan {
  HostPort broker;                       // An IPv4 address.
  std::span<const mqtt::Login> clients;  // Each connects once.
  std::size_t at_once = 100;             // So many wait for their answers at a time.
};

/// From the first packet to the last answer. All connections are gone afterwards.
/// Errors: unavailable (one was refused or broke off, or nothing comes for 10 s).
[[nodiscard]] Result<std::chrono::nanoseconds> run_storm(const StormPlan& plan);

}  // namespace muster::bench
