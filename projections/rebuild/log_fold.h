#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>

#include "core/base/error.h"
#include "core/domain/event.h"

namespace muster {

class EventLog;
class RecordCodec;

/// A stretch of the log, and who reads it.
struct LogStretch {
  const EventLog& log;
  const RecordCodec& codec;
  Sequence after;
  Sequence last;
  std::size_t threads = 1;
};

/// Reads and decodes the events of `stretch` on threads, and passes them on in order, some
/// thousands at a time, on the calling one; ends early, without an error, once `stop` is asked for.
/// Errors: corrupt, incompatible; those of `sink`.
using EventSink = std::function<Result<void>(std::span<const Recorded> events)>;
[[nodiscard]] Result<void> read_events(const LogStretch& stretch, const std::stop_token& stop,
                                       const EventSink& sink);

}  // namespace muster
