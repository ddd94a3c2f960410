#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "projections/actions/action_reader.h"
#include "tools/http/problem.h"
#include "tools/server/api/caller.h"
#include "tools/server/api/commands/names.h"

namespace muster {

/// All actions that `name` means: the id of a command, or the number of one of them (`9007`).
/// Problems: 404 `unknown-action`, also where the caller may not see one of them.
[[nodiscard]] HttpResult<std::vector<ActionRecord>> find_action(const Reader& reader,
                                                                const Sight& sight,
                                                                std::string_view name);

/// True if the caller sees whom the action is for.
[[nodiscard]] bool sees(const Reader& reader, const Sight& sight, const ActionRecord& action);

/// One line of a list: the action on that device, or, without one, as a whole.
[[nodiscard]] nlohmann::ordered_json render_action(const ActionRecord& action, DeviceId device,
                                                   const ActionProgress& progress, Names& names);

/// What became of all that a command asked for.
[[nodiscard]] nlohmann::ordered_json render_roll_up(const ActionRollUp& roll_up, Names& names);

/// How far it is, in a word: also `cancelling`.
[[nodiscard]] std::string_view state_word(const ActionProgress& progress);

}  // namespace muster
