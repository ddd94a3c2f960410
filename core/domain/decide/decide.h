#pragma once

#include <span>
#include <tl/expected.hpp>
#include <vector>

#include "core/base/clock.h"
#include "core/domain/decide/command.h"
#include "core/domain/decide/rejection.h"
#include "core/domain/event.h"
#include "core/domain/state.h"

namespace muster {

/// What a command leads to. No events: nothing to do, the wish is already true.
using Decision = tl::expected<std::vector<Event>, Rejection>;

/// Says what happens if `command` meets `state` at the time `now`. All rules of the product live
/// here. Pure: no clock, no randomness, no I/O, no logging.
///
/// An entity the actor may not see is refused exactly like one that does not exist.
Decision decide(const State& state, const Command& command, Timestamp now);

/// Refuses unless the actor of `command`, which led to `events` before, may still hear of them:
/// a repeated command tells nothing that asking anew would not.
tl::expected<void, Rejection> may_hear_again(const State& state, const Command& command,
                                             std::span<const Recorded> events, Timestamp now);

}  // namespace muster
