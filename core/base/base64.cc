#include "core/base/base64.h"

#include <cstddef>

namespace muster {
namespace {

constexpr std::string_view url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view plain_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t quantum = 4;  // Characters that stand for whole bytes.

std::string encode(std::span<const std::uint8_t> bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t window = 0;
  unsigned bits = 0;
  for (const std::uint8_t byte : bytes) {
    window = (window << 8U) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text.push_back(alphabet[(window >> bits) & 0x3fU]);
    }
  }
  if (bits > 0) text.push_back(alphabet[(window << (6U - bits)) & 0x3fU]);
  return text;
}

std::optional<std::vector<std::uint8_t>> decode(std::string_view text, std::string_view alphabet) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t window = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    window = (window << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>((window >> bits) & 0xffU));
  }
  const bool whole = bits < 6 && (window & ((1U << bits) - 1U)) == 0;
  if (!whole) return std::nullopt;
  return bytes;
}

}  // namespace

std::string to_base64url(std::span<const std::uint8_t> bytes) {
  return encode(bytes, url_alphabet);
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  return decode(text, url_alphabet);
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string text = encode(bytes, plain_alphabet);
  while (text.size() % quantum != 0) text.push_back('=');
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  if (text.size() % quantum != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  return decode(text, plain_alphabet);
}

}  // namespace muster
