#pragma once

#include <cstdint>
#include <string_view>

namespace muster {

/// CRC-32C (Castagnoli, RFC 3720) of `bytes`. To go on over several pieces, pass what the pieces
/// before gave as `before`. Uses the processor's instruction where there is one.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same by a table, on any processor; `crc32c` falls back to it.
[[nodiscard]] std::uint32_t crc32c_by_table(std::string_view bytes,
                                            std::uint32_t before = 0) noexcept;

}  // namespace muster
