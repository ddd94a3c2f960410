#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "broker-bridge/support/broker_process.h"
#include "core/base/error.h"

namespace muster::mqtt {

/// The system's mosquitto with nothing of ours in it, on a free port of this machine, which
/// everybody may use as they like. It ends with this object and with the thread that started it.
class PlainBroker {
 public:
  /// Returns when it is ready. `folder` must exist. Errors: failed.
  [[nodiscard]] static Result<PlainBroker> start(const std::filesystem::path& folder);

  /// On 127.0.0.1.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  PlainBroker(std::unique_ptr<BrokerProcess> process, std::uint16_t port)
      : process_(std::move(process)), port_(port) {}

  std::unique_ptr<BrokerProcess> process_;
  std::uint16_t port_;
};

}  // namespace muster::mqtt
