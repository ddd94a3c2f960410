#include "tools/http/percent.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace muster {
namespace {

std::optional<std::uint8_t> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

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

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+' && plus_is_space) c = ' ';
    if (c == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return std::nullopt;
      c = static_cast<char>((*high << 4U) | *low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out.push_back(c);
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
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

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }

std::optional<std::string> percent_decode_query(std::string_view text) {
  return decode(text, true);
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 0x0FU]);
  }
  return out;
}

}  // namespace muster
