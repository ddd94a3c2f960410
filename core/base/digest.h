#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace muster {

/// A SHA-256 value.
using Digest = std::array<std::uint8_t, 32>;

inline std::span<const std::uint8_t> as_bytes(std::string_view text) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): char to byte is allowed.
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(std::span<const std::uint8_t> bytes) noexcept {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): byte to char is allowed.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// SHA-256 of the concatenation of `parts`.
Digest sha256(std::initializer_list<std::span<const std::uint8_t>> parts);

/// HMAC-SHA-256 (RFC 2104) of `message` under `key`.
Digest hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message);

}  // namespace muster
