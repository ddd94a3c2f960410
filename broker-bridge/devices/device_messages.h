#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker-bridge/mqtt_client.h"
#include "core/base/uuid.h"

namespace muster {

/// What a device said last; older ones are dropped. Of its presence more than one: a late will must
/// not hide the birth before it.
struct FromDevice {
  std::vector<std::string> presences;  // Oldest first.
  std::optional<std::string> state;
  std::vector<std::string> acks;  // Oldest first.
};

/// Messages of devices that nobody has looked at yet: latest-per-device, so bounded by the number
/// of devices, and taken in the order in which the devices began to wait. One thread at a time.
class DeviceMessages {
 public:
  /// False if it fits no topic of a device, is too large, or too many devices wait: it is dropped.
  [[nodiscard]] bool add(MqttMessage message);

  /// At most so many devices, who waited longest.
  [[nodiscard]] std::vector<std::pair<Uuid, FromDevice>> take(std::size_t devices);

  [[nodiscard]] bool empty() const noexcept { return said_.empty(); }
  void clear();

 private:
  std::unordered_map<Uuid, FromDevice> said_;
  std::deque<Uuid> order_;  // Of said_.
};

}  // namespace muster
