#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker-bridge/credentials/device_token.h"
#include "core/base/error.h"

namespace muster {

struct FreeKey {
  void operator()(EVP_PKEY* key) const;
};
using OpenSslKey = std::unique_ptr<EVP_PKEY, FreeKey>;

/// The P-256 key that signs devices' tokens. Kept parsed: parsing takes longer than signing.
/// One thread at a time.
class SigningKey {
 public:
  /// A new one.
  [[nodiscard]] static SigningKey generate();

  /// Errors: invalid_input if `pem` holds no private P-256 key.
  [[nodiscard]] static Result<SigningKey> from_pem(std::string_view pem);

  [[nodiscard]] std::string private_pem() const;

  /// For those who check tokens.
  [[nodiscard]] std::string public_pem() const;

  /// The token that says `claims`.
  [[nodiscard]] std::string sign(const TokenClaims& claims) const;

 private:
  explicit SigningKey(OpenSslKey key) : key_(std::move(key)) {}

  OpenSslKey key_;
};

}  // namespace muster
