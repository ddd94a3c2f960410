#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/eras.h"
#include "core/log/event_log.h"
#include "core/log/merkle/merkle_tree.h"
#include "tools/store/erasure_ledger.h"

namespace muster {

/// What one look at all events of a log tells, without its keys.
struct LogSurvey {
  Uuid log;
  std::vector<Era> eras;
  TreeHead head;   // Of the records as they are.
  TreeHead asked;  // The same of the first so many events as were asked for.
  Timestamp last_event;
  std::vector<Erasure> users;  // All there are; `erased_at` is 1970 of those who are not erased.

  [[nodiscard]] std::uint64_t epoch() const { return eras.empty() ? 0 : eras.back().epoch; }
};

/// Told now and then how far it is.
using SurveyProgress = std::function<void(std::uint64_t events, std::uint64_t of)>;

/// Reads and checks every event of `log`; `asked` is the number of events whose root is wanted.
/// Errors: corrupt; incompatible.
[[nodiscard]] Result<LogSurvey> survey(const EventLog& log, std::uint64_t asked,
                                       const SurveyProgress& progress);

}  // namespace muster
