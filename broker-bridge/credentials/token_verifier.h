#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "broker-bridge/credentials/device_token.h"
#include "broker-bridge/credentials/signing_key.h"
#include "core/base/error.h"

namespace muster {

/// Why a text is not a token of ours.
enum class TokenFault : std::uint8_t { malformed, other_algorithm, bad_signature, bad_claims };

/// Checks tokens' signatures with one key, or with two while the signing key is being replaced.
/// Nothing of a token is interpreted before its signature was good. One thread at a time.
class TokenVerifier {
 public:
  static constexpr std::size_t keys_max = 2;

  /// Public keys in PEM, one after the other. Errors: invalid_input (none, more than two, other
  /// than P-256).
  [[nodiscard]] static Result<TokenVerifier> from_pem(std::string_view pem);

  /// What `token` says if one of the keys signed it. Whether that is for this log and device, and
  /// still good, is the caller's to look at. Takes at most token_size_max bytes.
  [[nodiscard]] tl::expected<TokenClaims, TokenFault> verify(std::string_view token) const;

 private:
  explicit TokenVerifier(std::vector<OpenSslKey> keys) : keys_(std::move(keys)) {}

  [[nodiscard]] bool is_signed(std::string_view text, std::span<const std::uint8_t> raw) const;

  std::vector<OpenSslKey> keys_;
};

}  // namespace muster
