#include "tools/muster/support/spelling.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace muster::cli {
namespace {

/// How many letters must be added, removed or replaced (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (const char letter : a) {
    auto diagonal = row[0]++;
    for (std::size_t i = 0; i < b.size(); ++i) {
      const auto replaced = diagonal + (letter == b[i] ? 0U : 1U);
      diagonal = row[i + 1];
      row[i + 1] = std::min({replaced, row[i] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t letters_max = 40;
  if (word.size() > letters_max) return std::nullopt;
  std::optional<std::string> best;
  std::size_t best_distance = 3;  // Farther is another word.
  for (const auto& each : known) {
    const auto here = distance(word, each);
    if (here < best_distance && here < each.size()) {
      best = each;
      best_distance = here;
    }
  }
  return best;
}

}  // namespace muster::cli
