#pragma once

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace muster {

// What signing and checking tokens share of OpenSSL.

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

/// The two numbers of an ES256 signature, 32 bytes each.
using TokenSignature = std::array<std::uint8_t, 64>;

/// Of P-256, in the form OpenSSL makes and reads.
inline constexpr std::size_t der_signature_size_max = 72;

[[nodiscard]] bool is_p256(const EVP_PKEY* key);

}  // namespace muster
