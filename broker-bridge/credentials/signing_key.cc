#include "broker-bridge/credentials/signing_key.h"

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <cstdint>
#include <utility>

#include "broker-bridge/credentials/openssl_owned.h"
#include "core/base/assert.h"
#include "core/base/base64.h"
#include "core/base/digest.h"

namespace muster {
namespace {

std::string text_in(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// A DER signature as the two numbers of ES256.
TokenSignature to_raw(std::span<const std::uint8_t> der) {
  const std::uint8_t* at = der.data();
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  MUSTER_ASSERT(signature != nullptr, "OpenSSL reads its own signature");
  TokenSignature raw{};
  constexpr int half = raw.size() / 2;
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), half);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + half, half);
  return raw;
}

}  // namespace

void FreeKey::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

bool is_p256(const EVP_PKEY* key) {
  std::array<char, 32> curve{};
  return key != nullptr && EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_group_name(key, curve.data(), curve.size(), nullptr) == 1 &&
         std::string_view(curve.data()) == "prime256v1";
}

SigningKey SigningKey::generate() {
  OpenSslKey key(EVP_EC_gen("P-256"));
  MUSTER_ASSERT(key != nullptr, "OpenSSL knows P-256");
  return SigningKey(std::move(key));
}

Result<SigningKey> SigningKey::from_pem(std::string_view pem) {
  const Owned<BIO> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OpenSslKey key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (!is_p256(key.get())) {
    return fail(ErrorCode::invalid_input, "there is no private P-256 key (PEM) in it");
  }
  return SigningKey(std::move(key));
}

std::string SigningKey::private_pem() const {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  const int ok =
      PEM_write_bio_PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  MUSTER_ASSERT(ok == 1, "a key can be written to memory");
  return text_in(memory.get());
}

std::string SigningKey::public_pem() const {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  const int ok = PEM_write_bio_PUBKEY(memory.get(), key_.get());
  MUSTER_ASSERT(ok == 1, "a key can be written to memory");
  return text_in(memory.get());
}

std::string SigningKey::sign(const TokenClaims& claims) const {
  const std::string text =
      fmt::format("{}.{}", token_header, to_base64url(as_bytes(render_claims(claims))));
  const auto bytes = as_bytes(text);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  bool ok = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1;
  std::array<std::uint8_t, der_signature_size_max> der{};
  std::size_t size = der.size();
  ok = ok && EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) == 1;
  MUSTER_ASSERT(ok, "a P-256 key signs");
  return fmt::format("{}.{}", text, to_base64url(to_raw(std::span(der).first(size))));
}

}  // namespace muster
