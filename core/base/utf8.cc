#include "core/base/utf8.h"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace muster {
namespace {

/// What the first byte of a UTF-8 sequence says: how many bytes follow, and the range of the
/// first of them (which excludes overlong forms, surrogates and what lies above U+10FFFF).
struct Utf8Lead {
  std::size_t following;
  std::uint8_t lowest;
  std::uint8_t highest;
};

std::optional<Utf8Lead> utf8_lead(std::uint8_t byte) noexcept {
  if (byte < 0x80) return Utf8Lead{0, 0, 0};
  if (byte >= 0xC2 && byte <= 0xDF) return Utf8Lead{1, 0x80, 0xBF};
  if (byte == 0xE0) return Utf8Lead{2, 0xA0, 0xBF};
  if (byte == 0xED) return Utf8Lead{2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return Utf8Lead{2, 0x80, 0xBF};
  if (byte == 0xF0) return Utf8Lead{3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return Utf8Lead{3, 0x80, 0xBF};
  if (byte == 0xF4) return Utf8Lead{3, 0x80, 0x8F};
  return std::nullopt;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = utf8_lead(static_cast<std::uint8_t>(text[i]));
    if (!lead || text.size() - i <= lead->following) return false;
    for (std::size_t k = 1; k <= lead->following; ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + k]);
      const bool first = k == 1;
      if (byte < (first ? lead->lowest : 0x80) || byte > (first ? lead->highest : 0xBF)) {
        return false;
      }
    }
    i += lead->following + 1;
  }
  return true;
}

}  // namespace muster
