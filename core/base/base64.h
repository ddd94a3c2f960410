#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// RFC 4648 section 5 (URL and file name safe), without padding.
std::string to_base64url(std::span<const std::uint8_t> bytes);

/// Strict: no padding, no white space, no bits left over. nullopt for anything else.
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

/// RFC 4648 section 4, padded.
std::string to_base64(std::span<const std::uint8_t> bytes);

/// Strict: padded, no white space, no bits left over. nullopt for anything else.
std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace muster
