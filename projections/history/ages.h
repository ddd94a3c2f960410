#pragma once

#include <cstdint>

#include "core/domain/ids.h"

namespace muster {

/// The log in stretches of equal length, numbered from 1. A row that changes keeps, once for each
/// age, what it was when that age began: so rows of any moment are at most one age of events away.
using Age = StrongId<struct AgeTag, std::uint32_t>;

class Ages {
 public:
  static constexpr std::uint64_t length_default = std::uint64_t{1} << 17U;

  /// Another length than the default is for tests.
  constexpr explicit Ages(std::uint64_t length = length_default) : length_(length) {}

  /// That of the event at `sequence`, which must not be 0.
  [[nodiscard]] constexpr Age of(Sequence sequence) const {
    return Age{static_cast<std::uint32_t>((sequence.value() - 1) / length_ + 1)};
  }

  /// The last event before `age`.
  [[nodiscard]] constexpr Sequence before(Age age) const {
    return Sequence{(age.value() - 1) * length_};
  }

 private:
  std::uint64_t length_;
};

}  // namespace muster
