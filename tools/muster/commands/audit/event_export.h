#pragma once

#include <string>

#include "tools/muster/declare.h"

namespace muster::cli {

struct EventExportOptions {
  std::string after;  // A sequence; empty: from the first event.
  std::string limit;  // Empty: all.
  bool follow = false;
};

/// Prints the events that the user may see as CloudEvents, one a line, only whole ones. When the
/// connection breaks it says with what to go on.
Outcome export_events(Session& session, const EventExportOptions& options);

}  // namespace muster::cli
