#include "core/domain/target.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/domain/lifecycle/lives.h"

namespace muster {

Target target_of(const Device& device, const Fleet& fleet, const Release* release) {
  MUSTER_ASSERT(device.fleet == fleet.id, "a device's target is asked for with its own fleet");
  const auto wanted = target_release(device, fleet);
  MUSTER_ASSERT(wanted.has_value() == (release != nullptr), "the release given is the target");
  const auto settings = settings_of(device, fleet);
  Target target{.release = release,
                .pinned = device.pin.has_value(),
                .told = lifecycle_of(device, fleet) == Lifecycle::active,
                .after_action = device.after_action,
                .settings = settings.settings,
                .changed = std::max(device.target_changed, settings.changed)};
  // A pinned device does not see its fleet's target move.
  if (!device.pin) target.changed = std::max(target.changed, fleet.target_changed);
  if (release != nullptr) target.changed = std::max(target.changed, release->payload_changed);
  if (fleet.is_deleted()) {
    target.changed.sequence = std::max(target.changed.sequence, fleet.deleted);
  }
  return target;
}

}  // namespace muster
