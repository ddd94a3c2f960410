#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/domain/check/transition.h"
#include "core/domain/event.h"
#include "core/domain/state.h"
#include "tools/audit/verify/findings.h"

namespace muster::audit {

/// Goes through the events of a log and checks each: whether it can follow from those before. One
/// that is void is left out of what they add up to.
class Replay {
 public:
  explicit Replay(Findings& findings) : findings_(findings) {}

  /// Has `look` called with the state after event `at`, of those that are taken later.
  void stop_at(Sequence at, std::function<void(const State&)> look);

  void take(std::span<const Recorded> events);

  /// There are no more.
  void end();

  /// So many were taken.
  [[nodiscard]] std::uint64_t events() const noexcept { return last_.value(); }

 private:
  Findings& findings_;
  TransitionCheck check_;
  State state_;
  Sequence last_;
  Sequence at_;
  std::function<void(const State&)> look_;
};

}  // namespace muster::audit
