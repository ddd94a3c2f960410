#pragma once

#include "core/domain/state.h"
#include "tools/audit/verify/findings.h"

namespace muster::audit {

/// Compares the rows that are stored in the views with those that the log adds up to, as of the
/// same event; each row that differs is a finding.
void compare_rows(const State& stored, const State& replayed, Findings& findings);

}  // namespace muster::audit
