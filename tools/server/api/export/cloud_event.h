#pragma once

#include <string>
#include <string_view>

#include "core/base/uuid.h"
#include "tools/server/api/commands/names.h"
#include "tools/server/api/history/history_sight.h"

namespace muster {

/// The event as one line of JSON, a CloudEvent 1.0 (docs/history.md), with its line end.
[[nodiscard]] std::string cloud_event(const Recorded& recorded, const Uuid& log, Names& names,
                                      HistorySight& sight);

}  // namespace muster
