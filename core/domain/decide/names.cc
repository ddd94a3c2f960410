#include "core/domain/decide/names.h"

#include <algorithm>

#include "core/base/hex.h"

namespace muster {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }

/// True if `text` has between `least` and 100 characters, all alphanumeric or of `others`.
bool consists_of(std::string_view text, std::size_t least, std::string_view others) {
  if (text.size() < least || text.size() > 100) return false;
  return std::ranges::all_of(
      text, [&](char c) { return is_alphanumeric(c) || others.find(c) != others.npos; });
}

/// A number without leading zeros, as semver wants it.
bool is_plain_number(std::string_view text) {
  if (text.empty() || text.size() > 10 || !std::ranges::all_of(text, is_digit)) return false;
  return text.size() == 1 || text.front() != '0';
}

bool is_prerelease_part(std::string_view part) {
  if (!consists_of(part, 1, "-")) return false;
  return !std::ranges::all_of(part, is_digit) || is_plain_number(part);
}

/// Applies `check` to each of the parts that `separator` divides `text` into; counts them.
template <typename Check>
std::size_t count_parts(std::string_view text, char separator, Check check) {
  std::size_t parts = 0;
  while (true) {
    const auto end = text.find(separator);
    if (!check(text.substr(0, end))) return 0;
    ++parts;
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_name(std::string_view text) noexcept { return consists_of(text, 4, "_-"); }

bool is_username(std::string_view text) noexcept { return consists_of(text, 1, "_.@+-"); }

bool is_type_slug(std::string_view text) noexcept {
  return consists_of(text, 2, "_-") && to_lower(text) == text;
}

bool is_tag_key(std::string_view text) noexcept { return consists_of(text, 1, "_.:/-"); }

bool is_commit(std::string_view text) noexcept {
  return text.size() >= 8 && text.size() <= 64 && is_lower_hex(text);
}

bool is_semver(std::string_view text) noexcept {
  if (text.size() > 100) return false;
  const auto dash = text.find('-');
  if (count_parts(text.substr(0, dash), '.', is_plain_number) != 3) return false;
  if (dash == std::string_view::npos) return true;
  return count_parts(text.substr(dash + 1), '.', is_prerelease_part) > 0;
}

std::string to_lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::optional<SlugParts> split_slug(std::string_view slug) noexcept {
  const auto slash = slug.find('/');
  if (slash == std::string_view::npos || slug.find('/', slash + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return SlugParts{slug.substr(0, slash), slug.substr(slash + 1)};
}

}  // namespace muster
