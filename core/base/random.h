#pragma once

#include <cstdint>
#include <span>

namespace muster {

/// Fills `bytes` from the system's cryptographic source. Aborts if there is none.
void fill_random(std::span<std::uint8_t> bytes);

}  // namespace muster
