#pragma once

#include <vector>

#include "core/domain/event.h"

namespace muster::test {

/// At least one of every kind of event, with every field other than its default, then some with
/// everything left out that may be. The same in every run.
std::vector<Recorded> sample_events();

/// What most events are: one device of a selection pinned.
Recorded sample_pin(Sequence sequence);

}  // namespace muster::test
