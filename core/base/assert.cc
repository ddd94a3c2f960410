#include "core/base/assert.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace muster {

void invariant_broken(std::string_view condition, std::string_view file, int line,
                      std::string_view why) {
  fmt::print(stderr, "invariant broken: {} ({}) at {}:{}\n", why, condition, file, line);
  std::abort();
}

}  // namespace muster
