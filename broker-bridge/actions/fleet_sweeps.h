#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>

#include "core/domain/ids.h"
#include "projections/reader.h"

namespace muster {

/// Goes through the devices of fleets, a part at a time, because something changed in the queues of
/// all of them. Owned by the bridge's thread.
class FleetSweeps {
 public:
  /// From its first device, also if that fleet is being gone through.
  void add(FleetId fleet);

  /// All devices of all fleets.
  void add_all();

  void clear() { sweeps_.clear(); }

  [[nodiscard]] bool idle() const noexcept { return sweeps_.empty(); }

  /// Hands out at most `limit` devices.
  void step(const Reader& reader, std::size_t limit, const std::function<void(DeviceId)>& sink);

 private:
  struct Sweep {
    std::optional<FleetId> fleet;  // None: all.
    DeviceId cursor;               // The last device it handed out.
  };

  void start(std::optional<FleetId> fleet);

  std::deque<Sweep> sweeps_;
};

}  // namespace muster
