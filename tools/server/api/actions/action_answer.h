#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/engine/engine.h"
#include "projections/reader.h"
#include "tools/server/api/commands/names.h"

namespace muster {

/// Adds what an answer tells of the actions that the command asked for, and of moves, as a whole:
/// `id`, how many were `queued`, `merged` and `skipped`, and `notes` for people.
void add_action_fields(nlohmann::ordered_json& answer, const Reader& reader,
                       const Accepted& accepted);

}  // namespace muster
