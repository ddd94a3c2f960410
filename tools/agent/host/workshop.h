#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <thread>

#include "core/base/uuid.h"
#include "tools/agent/device_io.h"
#include "tools/agent/host/surroundings.h"
#include "tools/agent/services/supervisor.h"

namespace muster::agent {

/// Does the work of one device, from one boot to the next: steps, deeds, services. By hooks on
/// threads of their own, or simulated; what comes of it goes to the queue of events.
class Workshop {
 public:
  /// `folder` is the device's own and exists. `supervisor` outlives it.
  Workshop(const Surroundings& around, std::size_t device, std::uint64_t boot,
           std::filesystem::path folder, Supervisor& supervisor);
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  /// Asks what is under way to end, and waits for it.
  ~Workshop() = default;

  void start(const StartStep& step);
  void cancel_step();

  /// The time of a simulated step is over.
  void end_step(std::uint64_t step);

  void start(const StartDeed& deed);
  void run(const RunServices& services);

  /// The kind of the last deed if nobody did it: it is simulated.
  [[nodiscard]] std::optional<Action> simulated_deed() const;

  void request_stop();

 private:
  void do_deed(const StartDeed& deed, const std::stop_token& stop);
  [[nodiscard]] Result<void> remove_services(ActionKind kind);

  const Surroundings& around_;
  std::size_t device_;
  std::uint64_t boot_;
  std::filesystem::path folder_;
  Supervisor& supervisor_;

  std::uint64_t last_step_ = 0;
  std::uint64_t simulated_step_ = 0;  // The one under way; 0: none.
  std::optional<Action> deed_;        // The last one.

  // Of the running hooks. Last: they must end before the rest goes.
  std::jthread step_worker_;
  std::jthread deed_worker_;
};

}  // namespace muster::agent
