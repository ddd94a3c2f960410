#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/server/api/commands/names.h"
#include "tools/server/api/history/history_sight.h"

namespace muster {

/// One event as histories show it: `sequence`, `at`, `event` (its type), `actor`, `token`,
/// `reason`, `command`, `index`, `count` and `details`. Of fleets that the caller does not see,
/// nothing is in it.
[[nodiscard]] nlohmann::ordered_json event_line(const Recorded& recorded, Names& names,
                                                HistorySight& sight);

/// The name of who asked for it: `muster` for Muster itself.
[[nodiscard]] std::string actor_name(UserId actor, Names& names);

/// True for the name of a type of events.
[[nodiscard]] bool is_event_type(std::string_view name);

}  // namespace muster
