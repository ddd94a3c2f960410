#include "broker-bridge/credentials/refusal_cause.h"

#include <algorithm>
#include <array>

namespace muster {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 11> words{
    "not-ready",       "no-password",   "client-id-mismatch", "no-token",
    "wrong-algorithm", "bad-signature", "wrong-log",          "wrong-device",
    "expired",         "revoked",       "bad-secret"};

static_assert(words.size() == static_cast<std::size_t>(RefusalCause::bad_secret) + 1);

}  // namespace

std::string_view to_string(RefusalCause cause) noexcept {
  return words[static_cast<std::size_t>(cause)];
}

std::optional<RefusalCause> parse_refusal_cause(std::string_view word) noexcept {
  const auto* const found = std::ranges::find(words, word);
  if (found == words.end()) return std::nullopt;
  return static_cast<RefusalCause>(found - words.begin());
}

}  // namespace muster
