#pragma once

#include <string_view>

namespace muster {

/// Prints the broken invariant and aborts. The log recovers what was acknowledged.
[[noreturn]] void invariant_broken(std::string_view condition, std::string_view file, int line,
                                   std::string_view why);

}  // namespace muster

/// Checks an invariant, in release builds too. For programming errors only, never for input.
#define MUSTER_ASSERT(condition, why)                                  \
  do {                                                                 \
    if (!(condition)) [[unlikely]] {                                   \
      ::muster::invariant_broken(#condition, __FILE__, __LINE__, why); \
    }                                                                  \
  } while (false)
