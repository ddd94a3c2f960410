#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace muster {

/// Appends `value` most significant byte first, so that byte order is number order.
template <std::unsigned_integral T>
void append_big_endian(std::string& out, T value) {
  std::array<char, sizeof(T)> bytes{};
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint8_t>(value >> ((sizeof(T) - 1 - i) * 8)));
  }
  out.append(bytes.data(), bytes.size());
}

/// Reads what append_big_endian wrote. `bytes` must hold at least sizeof(T).
template <std::unsigned_integral T>
[[nodiscard]] T read_big_endian(std::string_view bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) |
                           static_cast<std::uint8_t>(bytes[i]));
  }
  return value;
}

}  // namespace muster
