#include "broker-bridge/gate/refused_connects.h"

namespace muster {

void RefusedConnects::add(const Uuid& device, const RefusedConnect& more) {
  const std::scoped_lock lock(mutex_);
  RefusedConnect& known = devices_[device];
  known.count += more.count;
  known.cause = more.cause;
  known.last = more.last;
}

std::optional<RefusedConnect> RefusedConnects::look(const Uuid& device) const {
  const std::scoped_lock lock(mutex_);
  const auto found = devices_.find(device);
  if (found == devices_.end()) return std::nullopt;
  return found->second;
}

}  // namespace muster
