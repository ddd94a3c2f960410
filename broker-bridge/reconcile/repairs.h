#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "broker-bridge/reconcile/comparison.h"
#include "core/domain/ids.h"

namespace muster {

/// What is left to do of a comparison's findings: hands it out in small portions and knows when
/// the broker has acknowledged all of it. Owned by the bridge's thread; no I/O.
class Repairs {
 public:
  Repairs() = default;
  explicit Repairs(Findings findings) : findings_(std::move(findings)) {}

  /// The next device to be queued for publishing; nothing while enough are on their way.
  [[nodiscard]] std::optional<DeviceId> next_device();

  /// The device's turn to be published has come. True if it must be published although the broker
  /// is said to have its target.
  [[nodiscard]] bool takes(DeviceId device);

  /// The broker has what was published to the device, or there was nothing to publish.
  void published(DeviceId device) { sent_.erase(device); }

  /// The next topic whose retained message must be cleared; nothing while enough are on their way.
  [[nodiscard]] std::optional<std::string> next_topic();

  /// The broker has cleared one of them, or it need not be cleared any more.
  void cleared() { --clears_in_flight_; }

  [[nodiscard]] std::size_t clears_in_flight() const noexcept { return clears_in_flight_; }
  [[nodiscard]] bool done() const noexcept;

  static constexpr std::size_t clears_in_flight_max = 20;

 private:
  Findings findings_;
  std::size_t devices_given_ = 0;
  std::size_t topics_given_ = 0;
  std::size_t clears_in_flight_ = 0;
  std::unordered_set<DeviceId> queued_;
  std::unordered_set<DeviceId> sent_;
};

}  // namespace muster
