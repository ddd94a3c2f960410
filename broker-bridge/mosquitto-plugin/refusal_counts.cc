#include "broker-bridge/mosquitto-plugin/refusal_counts.h"

namespace muster {

void RefusalCounts::add(const Uuid& device, RefusalCause cause, std::int64_t now_s) {
  auto found = counts_.find(device);
  if (found == counts_.end()) {
    if (counts_.size() >= devices_max) return;
    found = counts_.emplace(device, ConnectsRefused{.device = device}).first;
  }
  found->second.cause = cause;
  found->second.last_s = now_s;
  ++found->second.count;
}

std::vector<ConnectsRefused> RefusalCounts::take(std::size_t limit) {
  std::vector<ConnectsRefused> taken;
  for (auto entry = counts_.begin(); entry != counts_.end() && taken.size() < limit;) {
    taken.push_back(entry->second);
    entry = counts_.erase(entry);
  }
  return taken;
}

}  // namespace muster
