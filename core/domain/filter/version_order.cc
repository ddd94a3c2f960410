#include "core/domain/filter/version_order.h"

#include <algorithm>
#include <charconv>

namespace muster {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The word of `text` that looks like a version, without a `v` before it.
std::string_view version_word(std::string_view text) {
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    const auto body = word.starts_with('v') ? word.substr(1) : word;
    if (!body.empty() && is_digit(body.front())) return body;
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return {};
}

std::vector<std::string> identifiers(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find('.');
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::vector<std::uint64_t>> numbers_of(std::string_view text) {
  std::vector<std::uint64_t> numbers;
  for (const std::string& part : identifiers(text)) {
    std::uint64_t number = 0;
    const auto* end = part.data() + part.size();
    const auto read = std::from_chars(part.data(), end, number);
    if (part.empty() || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    numbers.push_back(number);
  }
  while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
  return numbers;
}

/// Numbers by value and before words, words by their bytes; `rev10` comes behind `rev9`.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const auto digits_from = [](std::string_view text) {
    auto at = text.size();
    while (at > 0 && is_digit(text[at - 1])) --at;
    return at;
  };
  const auto word_a = a.substr(0, digits_from(a));
  const auto word_b = b.substr(0, digits_from(b));
  if (word_a != word_b) return word_a <=> word_b;
  a.remove_prefix(word_a.size());
  b.remove_prefix(word_b.size());
  const auto significant = [](std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  };
  const auto number_a = significant(a);
  const auto number_b = significant(b);
  if (number_a.size() != number_b.size()) return number_a.size() <=> number_b.size();
  return number_a <=> number_b;
}

std::strong_ordering compare_all(const std::vector<std::string>& a,
                                 const std::vector<std::string>& b) {
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                                compare_identifiers);
}

}  // namespace

std::optional<SoftwareVersion> parse_version(std::string_view text) {
  std::string_view word = version_word(text);
  SoftwareVersion version;
  if (const auto plus = word.find('+'); plus != std::string_view::npos) {
    version.build = identifiers(word.substr(plus + 1));
    word = word.substr(0, plus);
  }
  if (const auto dash = word.find('-'); dash != std::string_view::npos) {
    version.prerelease = identifiers(word.substr(dash + 1));
    word = word.substr(0, dash);
  }
  auto numbers = numbers_of(word);
  if (!numbers) return std::nullopt;
  version.numbers = std::move(*numbers);
  return version;
}

std::strong_ordering compare(const SoftwareVersion& a, const SoftwareVersion& b) {
  if (const auto order = a.numbers <=> b.numbers; order != 0) return order;
  if (a.prerelease.empty() != b.prerelease.empty()) {
    return a.prerelease.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  const auto order = compare_all(a.prerelease, b.prerelease);
  if (order != 0 || b.build.empty()) return order;
  return compare_all(a.build, b.build);
}

}  // namespace muster
