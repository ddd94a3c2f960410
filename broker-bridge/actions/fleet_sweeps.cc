#include "broker-bridge/actions/fleet_sweeps.h"

#include <algorithm>

namespace muster {

void FleetSweeps::add(FleetId fleet) { start(fleet); }

void FleetSweeps::add_all() { start(std::nullopt); }

void FleetSweeps::start(std::optional<FleetId> fleet) {
  const auto running = std::ranges::find(sweeps_, fleet, &Sweep::fleet);
  if (running != sweeps_.end()) {
    running->cursor = DeviceId{};
  } else {
    sweeps_.push_back(Sweep{.fleet = fleet, .cursor = {}});
  }
}

void FleetSweeps::step(const Reader& reader, std::size_t limit,
                       const std::function<void(DeviceId)>& sink) {
  std::size_t left = limit;
  while (left > 0 && !sweeps_.empty()) {
    Sweep& sweep = sweeps_.front();
    const auto take = [&](DeviceId device) {
      sweep.cursor = device;
      sink(device);
      return --left > 0;
    };
    if (sweep.fleet) {
      reader.each_device_of(*sweep.fleet, sweep.cursor,
                            [&](DeviceId device, bool /*pinned*/) { return take(device); });
    } else {
      reader.each_device(sweep.cursor, [&](const Device& device) { return take(device.id); });
    }
    if (left > 0) sweeps_.pop_front();  // It came to its end.
  }
}

}  // namespace muster
