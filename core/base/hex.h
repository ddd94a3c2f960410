#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Lower-case hexadecimal, two characters a byte.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// True if `text` consists of 0-9 and a-f only (an empty text does).
bool is_lower_hex(std::string_view text) noexcept;

/// Reads a lower-case hexadecimal text of two characters for each of `bytes`; false, with anything
/// in them, for any other text.
bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) noexcept;

/// The bytes of a lower-case hexadecimal text of even length; nullopt for anything else.
std::optional<std::vector<std::uint8_t>> from_hex(std::string_view text);

}  // namespace muster
