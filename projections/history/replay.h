#pragma once

#include "core/base/error.h"
#include "projections/history/event_fetch.h"
#include "projections/history/history_reader.h"
#include "projections/history/past_rows.h"

namespace muster {

/// What was, as of any moment: rows of the beginning of its age, and the events from there on.
class Replay {
 public:
  /// As of the event at `moment`, the last of its command, which `snapshot` must know. All must
  /// outlive it.
  Replay(const ViewSnapshot& snapshot, const EventFetch& events, Sequence moment,
         Ages ages = Ages());

  /// Everything is right from now on. Errors: of reading the log.
  [[nodiscard]] Result<void> everything();

  /// The rows of that device, its queue, its fleet's policy, and the releases there are right from
  /// now on, but for counts of devices: only their streams are read. Errors: of reading the log.
  [[nodiscard]] Result<void> device(DeviceId id);

  [[nodiscard]] PastRows& rows() noexcept { return rows_; }

 private:
  [[nodiscard]] std::vector<Stream> streams_of(DeviceId id);

  const HistoryReader history_;
  const EventFetch& events_;
  const Sequence moment_;
  const Sequence begin_;  // The last event that the rows know already.
  PastRows rows_;
};

}  // namespace muster
