#pragma once

#include <string>

#include "core/base/clock.h"
#include "projections/history/event_fetch.h"
#include "tools/server/api/api.h"

namespace muster {

/// A moment between two commands.
struct Moment {
  Sequence sequence;  // The last event of a command.
  Timestamp at;       // When that was stored.
};

/// The query parameter `name`: a sequence, or a time like 2026-11-21T08:30:00Z. Inside of a command
/// it is the moment before the command; what lies ahead is the last moment there is.
/// Problems: 400 `invalid-field`, also if it is not given or before the first event.
[[nodiscard]] HttpResult<Moment> moment_of(const Query& query, const std::string& name);

/// What answers say of a moment: its `sequence` and `at`.
[[nodiscard]] nlohmann::ordered_json render(const Moment& moment);

/// What reads the log for the query.
[[nodiscard]] EventFetch events_of(const Query& query);

/// The problem to answer with if the log could not be read; its details go to the program's log.
[[nodiscard]] Problem unreadable_problem(const Error& error);

}  // namespace muster
