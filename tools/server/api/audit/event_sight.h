#pragma once

#include "core/domain/event.h"
#include "tools/server/api/caller.h"

namespace muster {

/// True if the caller may see that event: auditors see every one, others those about what they see
/// now, and of a device those since it is in its fleet.
[[nodiscard]] bool sees_event(const Reader& reader, const Caller& caller, const Sight& sight,
                              const Recorded& recorded);

}  // namespace muster
