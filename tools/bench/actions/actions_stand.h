#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

/// How one action for a whole fleet went.
struct FleetActionRun {
  std::chrono::nanoseconds answer{0};  // From the request to its answer.
  std::chrono::nanoseconds whole{0};   // Until it was over for all devices.
};

/// A real server and a broker that nothing else uses, each in a process of its own; a fleet whose
/// devices are all online; some of them are pinned by themselves and listen for their targets.
class ActionsStand {
 public:
  /// Starts `program` in `folder`, which must be empty, registers the devices and lets them come
  /// online. Errors: as of the parts; failed if the server refuses something.
  [[nodiscard]] static Result<std::unique_ptr<ActionsStand>> make(
      const std::filesystem::path& program, const std::filesystem::path& folder,
      std::size_t devices, const Progress& progress);
  ActionsStand(const ActionsStand&) = delete;
  ActionsStand& operator=(const ActionsStand&) = delete;
  ~ActionsStand();

  /// Restarts the next device: from the request until the device has it.
  /// Errors: unavailable, failed.
  [[nodiscard]] Result<std::chrono::nanoseconds> restart_one();

  /// The same with one that is offline, and then comes: from its birth until it has it.
  [[nodiscard]] Result<std::chrono::nanoseconds> restart_returning();

  /// Restarts the fleet, while the devices that are pinned by themselves are pinned elsewhere in
  /// turn, `rate` of them a second. `pins` gets how long each took from its request to the device.
  [[nodiscard]] Result<FleetActionRun> restart_fleet(std::size_t rate,
                                                     std::vector<std::chrono::nanoseconds>& pins);

 private:
  class Parts;
  explicit ActionsStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
