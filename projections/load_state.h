#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/domain/ids.h"
#include "core/domain/state.h"

namespace muster {

class ViewStore;

/// The writer's state as the registry has it.
struct LoadedState {
  State state;
  Sequence position;     // Every event up to here is in it.
  Timestamp last_event;  // The time of that event; the epoch if there is none.
};

/// Reads the whole registry into memory, at the start and after `Runner::catch_up`.
/// Errors: corrupt; the views are then made anew when they are opened the next time.
[[nodiscard]] Result<LoadedState> load_state(const ViewStore& store);

}  // namespace muster
