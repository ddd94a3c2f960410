#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker-bridge/bridge.h"
#include "broker-bridge/credentials/control_message.h"
#include "core/domain/decide/command.h"
#include "projections/credentials/device_keys.h"
#include "projections/reader.h"

namespace muster {

/// Tells the broker's plugin which keys of devices are good, and takes in what it says: which
/// connects it refused, and that a device uses its new key, whereupon the old ones are retired.
/// A broker without our plugin does not answer and is left alone. Owned by the bridge's thread.
class GateKeeper {
 public:
  explicit GateKeeper(const Bridge::Parts& parts);

  /// A new connection: begins to tell everything. The first request is to be sent before anything
  /// else whose answer shows that the broker came to it.
  void start_anew();

  /// The broker answered: it has our plugin.
  [[nodiscard]] bool is_there() const noexcept { return there_; }

  /// All requests so far were answered.
  [[nodiscard]] bool is_idle() const noexcept { return waiting_.empty() && !asked_; }

  /// What to publish on the control topic now. One at a time: the next comes after the answer.
  [[nodiscard]] std::optional<std::string> next_request();

  /// Takes in what came on the response topic.
  /// Errors: unavailable: the plugin refused a request, so it must be told everything again.
  [[nodiscard]] Result<void> take(const std::vector<std::string>& said);

  /// Errors: unavailable: a request was not answered in time.
  [[nodiscard]] Result<void> check_silence() const;

  /// The log has new keys of that device, or retired some.
  void keys_changed(DeviceId device);

  /// No key of the fleet's devices is good any more.
  void fleet_revoked(FleetId fleet);

  /// The device was born.
  void came(DeviceId device);

  /// Submits what the log is to know. True if some still waits because the engine is busy.
  [[nodiscard]] bool submit();

 private:
  struct Asked {
    std::uint64_t id = 0;
    std::chrono::steady_clock::time_point at;
  };

  void add_steps(const Reader& reader, DeviceId device, const DeviceKeys& keys);
  void revoke(const Reader& reader, FleetId fleet);
  [[nodiscard]] Result<void> take_notice(const ControlAnswer& answer);
  [[nodiscard]] Result<void> take_notice(const KeyUsed& used);
  [[nodiscard]] Result<void> take_notice(const ConnectsRefused& refused);

  const Bridge::Parts parts_;
  bool there_ = false;
  std::deque<ControlStep> waiting_;
  std::optional<Asked> asked_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<DeviceId, RetireDeviceKeys> used_;  // Until the device's birth.
  std::deque<RetireDeviceKeys> retiring_;
};

}  // namespace muster
