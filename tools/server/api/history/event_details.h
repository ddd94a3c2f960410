#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/domain/event.h"
#include "tools/server/api/commands/names.h"

namespace muster {

/// What the event says, with names for ids, as answers and histories show it. Nothing in it is
/// secret.
[[nodiscard]] nlohmann::ordered_json event_details(const Recorded& recorded, Names& names);

}  // namespace muster
