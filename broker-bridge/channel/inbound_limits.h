#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace muster::inbound {

// What is taken of what devices say, whichever way it is written.

inline constexpr std::size_t text_size_max = 64;
inline constexpr std::size_t message_size_max = 1'024;
inline constexpr std::size_t locks_max = 100;
inline constexpr std::size_t lock_size_max = 100;
inline constexpr unsigned percent_max = 100;

inline tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_input, std::move(what));
}

}  // namespace muster::inbound
