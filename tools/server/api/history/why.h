#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/domain/target.h"
#include "projections/history/event_fetch.h"
#include "projections/history/history_reader.h"
#include "projections/reader.h"

namespace muster {

/// What part an event has in that a device should run what it should run.
enum class CauseRole {
  target,   // It set the target: the device's own pin, or its fleet's target.
  because,  // What led to that, by the same command.
  ended,    // Why it gets none any more.
  follows,  // Since when it is in its fleet, or follows it.
  release   // Where the release came from.
};

[[nodiscard]] std::string_view to_string(CauseRole role) noexcept;

struct Cause {
  CauseRole role = CauseRole::target;
  Recorded event;
};

/// A device's target as of the reader, and the chain of events that made it, from the target back.
struct Why {
  Device device;
  Fleet fleet;
  std::optional<Release> release;
  Lifecycle lifecycle = Lifecycle::active;
  Sequence target_sequence;  // Since when the device is told what it is told.
  std::vector<Cause> chain;
};

/// Errors: of reading the log.
[[nodiscard]] Result<Why> find_why(const Reader& reader, const EventFetch& events,
                                   const Device& device);

}  // namespace muster
