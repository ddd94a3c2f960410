#pragma once

#include <vector>

#include "core/domain/actions/action_rows.h"
#include "core/domain/event.h"

namespace muster {

/// Ends the action, whose clock has run out on the device: not delivered, not started or without a
/// result in time. What was to be withdrawn is.
void expire(const OpenAction& action, DeviceId device, std::vector<Event>& events);

}  // namespace muster
