#pragma once

#include <array>
#include <cstdint>
#include <ostream>

#include "tests/support/domain_world.h"

namespace muster::test {

/// A command as a few small numbers, so that a failing sequence can be made smaller.
struct Draw {
  std::uint8_t what = 0;
  std::array<std::uint8_t, 8> dice{};
};

std::ostream& operator<<(std::ostream& out, const Draw& draw);

/// A command and how it is given.
struct Drawn {
  CommandBody body;
  How how;
  bool repeatable;  // Done once more it must change nothing.
};

/// What the numbers mean in `world`, which has been through prepare. Many are refused.
Drawn draw_command(const World& world, const Draw& draw);

/// Users and fleets for random commands.
void prepare(World& world);

}  // namespace muster::test
