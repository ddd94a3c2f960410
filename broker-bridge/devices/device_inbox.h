#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "broker-bridge/actions/ack_forwarder.h"
#include "broker-bridge/bridge.h"
#include "broker-bridge/bridge_mailbox.h"
#include "broker-bridge/devices/report_forwarder.h"

namespace muster {

/// Takes in what devices say: their presence and progress go to the table, what the log should
/// know goes to the engine. What does not fit the contract is counted and dropped. Owned by the
/// bridge's thread.
class DeviceInbox {
 public:
  struct Calls {
    std::function<void(DeviceId)> came;             // A device came online.
    std::function<void(DeviceId)> left;             // It went offline.
    std::function<void(DeviceId, Sequence)> heard;  // It said something of the action `n`.
    std::function<void(const Uuid&)> report_done;   // As `done` of ReportForwarder.
  };
  DeviceInbox(const Bridge::Parts& parts, LogIdentity identity, Calls calls);

  /// Everything in `mail` that devices, or the engine about devices, said.
  void take(const BridgeMail& mail);

  /// Only what the engine said; what devices said on an earlier connection is of no use.
  void take_answers(const BridgeMail& mail);

  /// Submits what waits and may go. True if some still waits because the engine is busy.
  [[nodiscard]] bool submit();

  /// Messages that did not fit, since the start.
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_ + acks_.dropped(); }

 private:
  void take_presence(const Uuid& device, const std::string& payload);
  void take_state(const Uuid& device, const std::string& payload);
  void take_ack(const Uuid& device, const std::string& payload);
  void refuse(std::string_view what, const Uuid& device, const Error& error);
  [[nodiscard]] bool is_cloned(DeviceId device) const;
  [[nodiscard]] std::optional<Sequence> target_done(const ProgressReport& report) const;

  const ViewStore& store_;
  PresenceTable& presence_;
  Clock& clock_;
  const LogIdentity identity_;
  const Calls calls_;
  ReportForwarder reports_;
  AckForwarder acks_;
  std::uint64_t refused_ = 0;
};

}  // namespace muster
