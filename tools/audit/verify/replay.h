#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/domain/check/transition.h"
#include "core/domain/eras.h"
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

  /// The eras that the events tell of, in order.
  [[nodiscard]] const std::vector<Era>& eras() const noexcept { return eras_; }

 private:
  void note_era(const Recorded& recorded);

  Findings& findings_;
  TransitionCheck check_;
  State state_;
  Sequence last_;
  std::vector<Era> eras_;
  Sequence at_;
  std::function<void(const State&)> look_;
};

}  // namespace muster::audit
