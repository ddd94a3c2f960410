#pragma once

#include <cstdint>
#include <vector>

#include "core/domain/ids.h"

namespace muster {

/// A life of the log: from its creation, or from a restore, to the next restore.
struct Era {
  Sequence first;  // Its first event.
  std::uint64_t epoch = 0;

  friend bool operator==(const Era&, const Era&) = default;
};

/// The epoch in which the event `at` was stored; 0 before the first of `eras`, which are in order.
[[nodiscard]] inline std::uint64_t epoch_at(const std::vector<Era>& eras, Sequence at) {
  std::uint64_t epoch = 0;
  for (const Era& era : eras) {
    if (era.first <= at) epoch = era.epoch;
  }
  return epoch;
}

}  // namespace muster
