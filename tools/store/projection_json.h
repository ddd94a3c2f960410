#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/domain/ids.h"
#include "projections/rebuild/rebuilder.h"
#include "projections/view_store.h"

namespace muster {

// Projections and what is done to them as JSON (docs/http-api.md): what the server answers, and the
// command line says of a data folder.

/// `head` is that of the log; `last_error` is empty if there is none.
nlohmann::ordered_json render_projection(const ViewStore& store, const ViewStatus& view,
                                         Sequence head, const std::string& last_error);

nlohmann::ordered_json render_run(const RebuildRun& run);

}  // namespace muster
