#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster {

/// Wall time, UTC. Data only: order comes from sequences, never from time.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Where wall time comes from. Implementations: SystemClock, ManualClock (tests).
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;

  [[nodiscard]] virtual Timestamp now() const = 0;
};

/// The machine's own clock. Safe to use from any thread.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override;
};

/// RFC 3339 in UTC with milliseconds, e.g. `2026-11-21T08:30:00.125Z`.
std::string to_rfc3339(Timestamp at);

/// Reads `2026-11-21T08:30:00Z`, with up to six digits of fraction. UTC only.
/// Errors: invalid_input.
Result<Timestamp> parse_rfc3339(std::string_view text);

}  // namespace muster
