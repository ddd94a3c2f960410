#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/domain/actions/action_events.h"
#include "tools/server/api/commands/names.h"

namespace muster {

// What answers tell of the facts about actions, for their line in `changes`.
[[nodiscard]] nlohmann::ordered_json action_line(const ActionQueued& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const FleetActionQueued& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionSkipped& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionMerged& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionPublished& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionDelivered& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionStarted& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionEnded& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionCancelRequested& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const FleetActionEnded& e, Names& names);
[[nodiscard]] nlohmann::ordered_json action_line(const ActionLateResult& e, Names& names);

}  // namespace muster
