#pragma once

#include <functional>
#include <vector>

#include "core/log/event_log.h"
#include "core/log/record_codec.h"

namespace muster {

/// Reads single events of the log: an index says which ones.
class EventFetch {
 public:
  /// Both must outlive it.
  EventFetch(const EventLog& log, const RecordCodec& codec) : log_(log), codec_(codec) {}

  /// Errors: corrupt, incompatible.
  [[nodiscard]] Result<Recorded> at(Sequence sequence) const;

  /// The events at `sequences`, which must rise, in that order. Errors: as of one.
  [[nodiscard]] Result<std::vector<Recorded>> at(const std::vector<Sequence>& sequences) const;

  /// All events of the command that the event at `sequence` is of. Errors: as of `at`.
  [[nodiscard]] Result<std::vector<Recorded>> command_at(Sequence sequence) const;

  /// Every event after `after` up to `last`, until `sink` returns false. Errors: as of `at`.
  [[nodiscard]] Result<void> each(Sequence after, Sequence last,
                                  const std::function<bool(const Recorded&)>& sink) const;

 private:
  const EventLog& log_;
  const RecordCodec& codec_;
};

}  // namespace muster
