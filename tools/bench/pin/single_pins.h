#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/pin/inbox.h"
#include "tools/bench/support/api_client.h"
#include "tools/http/host_port.h"

namespace muster::bench {

/// Devices of a filled folder that are pinned by themselves, in turn and at a steady rate, while
/// something else goes on. Each listens on a socket of its own, at a broker that checks nobody.
class SinglePins {
 public:
  /// Pins each once, and listens. `api` must outlive this. Errors: unavailable, failed.
  [[nodiscard]] static Result<std::unique_ptr<SinglePins>> make(std::vector<std::string> devices,
                                                                const HostPort& broker,
                                                                ApiClient& api);

  /// From now on, `rate` of them a second.
  void start(std::size_t rate);

  /// Waits until the next one is due, and pins it. One that is late counts from when it was due.
  /// Errors: unavailable, failed.
  [[nodiscard]] Result<void> step();

  /// Waits until each device has its target; adds how long each took from its request.
  /// Errors: failed if one has not come within 10 s.
  [[nodiscard]] Result<void> finish(std::vector<std::chrono::nanoseconds>& times);

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;

  struct Sent {
    std::size_t device = 0;
    std::uint64_t sequence = 0;
    SteadyTime at;
  };

  SinglePins(std::vector<std::string> devices, ApiClient& api)
      : devices_(std::move(devices)), api_(api) {}
  [[nodiscard]] Result<Sent> pin();
  [[nodiscard]] Result<void> listen(const HostPort& broker);

  const std::vector<std::string> devices_;
  ApiClient& api_;
  std::unique_ptr<Inbox> inbox_;
  std::vector<Sent> sent_;
  std::size_t pins_ = 0;
  std::chrono::nanoseconds interval_{0};
  SteadyTime due_;
};

}  // namespace muster::bench
