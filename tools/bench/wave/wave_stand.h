#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

/// How one wave went.
struct WaveRun {
  std::chrono::nanoseconds answer{0};  // From the fleet pin's request to its answer.
  std::chrono::nanoseconds whole{0};   // Until the broker had all, and each listener its own.
};

/// A real server and a broker that nothing else uses, each in a process of its own; a fleet; some
/// of its devices listen, and some that are pinned by themselves listen too.
class WaveStand {
 public:
  /// Starts `program` in `folder`, which must be empty, and registers `devices` that follow their
  /// fleet. Errors: as of the parts; failed if the server refuses something.
  [[nodiscard]] static Result<std::unique_ptr<WaveStand>> make(const std::filesystem::path& program,
                                                               const std::filesystem::path& folder,
                                                               std::size_t devices,
                                                               const Progress& progress);
  WaveStand(const WaveStand&) = delete;
  WaveStand& operator=(const WaveStand&) = delete;
  ~WaveStand();

  /// A bare publisher sends a message as large as a target to as many topics as there are devices;
  /// how long until the broker had them all, and each listener its own.
  /// Errors: unavailable, failed.
  [[nodiscard]] Result<std::chrono::nanoseconds> publish_bare(std::uint16_t window);

  /// Pins the fleet to its other release. Errors: unavailable, failed.
  [[nodiscard]] Result<WaveRun> pin_fleet();

  /// The same, while the devices that are pinned by themselves are pinned elsewhere in turn,
  /// `rate` of them a second. `singles` gets how long each took from its request to the device.
  [[nodiscard]] Result<WaveRun> pin_fleet_among(std::size_t rate,
                                                std::vector<std::chrono::nanoseconds>& singles);

  [[nodiscard]] std::size_t payload_bytes() const;

 private:
  class Parts;
  explicit WaveStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
