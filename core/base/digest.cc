#include "core/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>

#include "core/base/assert.h"

namespace muster {
namespace {

// Fetching an algorithm takes a lock and a lookup; it is done once per process.
const EVP_MD* sha256_algorithm() {
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Digest sha256(std::initializer_list<std::span<const std::uint8_t>> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  bool ok = EVP_DigestInit_ex(context.get(), sha256_algorithm(), nullptr) == 1;
  for (const auto part : parts) {
    ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  Digest digest{};
  ok = ok && EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1;
  MUSTER_ASSERT(ok, "SHA-256 is available");
  return digest;
}

Digest hmac_sha256(std::span<const std::uint8_t> key, std::span<const std::uint8_t> message) {
  Digest digest{};
  const auto* done = HMAC(sha256_algorithm(), key.data(), static_cast<int>(key.size()),
                          message.data(), message.size(), digest.data(), nullptr);
  MUSTER_ASSERT(done != nullptr, "HMAC-SHA-256 is available");
  return digest;
}

}  // namespace muster
