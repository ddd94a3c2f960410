#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// 128 bits, written as 32 lower-case hexadecimal digits without dashes.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

std::string to_string(const Uuid& uuid);

/// nullopt unless `text` is exactly 32 lower-case hexadecimal digits.
std::optional<Uuid> parse_uuid(std::string_view text);

/// A new one from the system's random source.
Uuid random_uuid();

}  // namespace muster

template <>
struct std::hash<muster::Uuid> {
  std::size_t operator()(const muster::Uuid& uuid) const noexcept {
    // The bytes are random already; the halves are mixed for uuids chosen by people.
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, uuid.bytes.data(), sizeof high);
    std::memcpy(&low, uuid.bytes.data() + sizeof high, sizeof low);
    return static_cast<std::size_t>((high ^ (low * 0x9e3779b97f4a7c15ULL)) * 0xff51afd7ed558ccdULL);
  }
};
