#pragma once

#include "core/domain/event.h"
#include "core/domain/tables.h"

namespace muster {

/// Applies one stored event to the rows. Total: it accepts every event that ever followed from
/// a decision, makes no decision of its own, and needs no clock.
void evolve(Tables& tables, const Recorded& recorded);

}  // namespace muster
