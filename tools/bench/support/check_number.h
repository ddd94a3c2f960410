#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "core/base/error.h"

namespace muster::bench {

/// Errors: invalid_input unless `value` is from `least` to `most`.
[[nodiscard]] inline Result<void> check_number(std::string_view what, std::size_t value,
                                               std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("{} {}: from {} to {}", value, what, least, most));
}

}  // namespace muster::bench
