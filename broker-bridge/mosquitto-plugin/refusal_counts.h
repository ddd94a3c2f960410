#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "broker-bridge/credentials/control_message.h"

namespace muster {

/// Counts refused connects by the device in whose name they were tried, until they are told.
class RefusalCounts {
 public:
  /// Those of more devices at a time are not counted.
  static constexpr std::size_t devices_max = 10'000;

  void add(const Uuid& device, RefusalCause cause, std::int64_t now_s);

  /// Takes out up to `limit` of them.
  [[nodiscard]] std::vector<ConnectsRefused> take(std::size_t limit);

 private:
  std::unordered_map<Uuid, ConnectsRefused> counts_;
};

}  // namespace muster
