#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace muster {

/// A sortable 128-bit identifier: 48 bits of milliseconds, 80 random bits, written as 26
/// characters of Crockford's base 32. Format: github.com/ulid/spec.
struct Ulid {
  std::array<std::uint8_t, 16> bytes{};

  friend auto operator<=>(const Ulid&, const Ulid&) = default;
};

std::string to_string(const Ulid& ulid);

/// nullopt unless `text` is 26 upper-case characters of the alphabet that fit 128 bits.
std::optional<Ulid> parse_ulid(std::string_view text);

/// A new one for the time `at`.
Ulid random_ulid(Timestamp at);

}  // namespace muster
