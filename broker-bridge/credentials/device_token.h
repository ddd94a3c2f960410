#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/uuid.h"

namespace muster {

// A device's MQTT password: a JSON web token (RFC 7519) signed with ES256 (RFC 7518, 3.4). Both
// header and claims have one spelling only, the one written here; a token in any other is none.

/// What a token says.
struct TokenClaims {
  Uuid issuer;                             // The log.
  Uuid subject;                            // The device.
  std::uint64_t generation = 0;            // The event that issued it.
  std::optional<std::int64_t> expires_at;  // Seconds since 1970.

  friend bool operator==(const TokenClaims&, const TokenClaims&) = default;
};

/// Longer texts are no tokens.
inline constexpr std::size_t token_size_max = 512;

/// base64url of `{"alg":"ES256","typ":"JWT"}`.
inline constexpr std::string_view token_header = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9";

/// `{"iss":"…","sub":"…","gen":42}`, with `,"exp":…` if it ends.
[[nodiscard]] std::string render_claims(const TokenClaims& claims);

/// nullopt unless `text` is exactly what render_claims makes.
[[nodiscard]] std::optional<TokenClaims> parse_claims(std::string_view text);

}  // namespace muster
