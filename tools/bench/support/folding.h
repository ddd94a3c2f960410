#pragma once

#include "tools/store/state_store.h"

namespace muster::bench {

/// Waits until all that is in the log of `store` is in its views, which follow.
void await_folded(StateStore& store);

}  // namespace muster::bench
