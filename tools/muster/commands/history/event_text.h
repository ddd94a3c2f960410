#pragma once

#include <string>

#include "tools/muster/output/report.h"

namespace muster::cli {

/// What an event of a history says, in one line: `device 4f1c2d3  9f3c2a1 -> 1c2d3e4`.
std::string event_text(const Json& event);

/// The columns of events for people: sequence, time, type, actor, what, reason.
std::vector<Column> event_columns();

}  // namespace muster::cli
