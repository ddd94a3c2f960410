#pragma once

#include <cstdint>

namespace muster {

/// Whom a change of policies reached when it was decided; for answers, also repeated ones.
struct Reach {
  std::uint32_t following = 0;  // Active devices without a pin of their own.
  std::uint32_t pinned = 0;     // Active devices that keep their own pin.
};

}  // namespace muster
