#include "broker-bridge/credentials/token_verifier.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "broker-bridge/credentials/openssl_owned.h"
#include "core/base/base64.h"
#include "core/base/digest.h"

namespace muster {
namespace {

/// The three parts of a token.
struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view is_signed;  // Header and claims, with the dot between them.
};

std::optional<Parts> split(std::string_view token) {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const auto second = token.find('.', first + 1);
  const bool three =
      second != std::string_view::npos && token.find('.', second + 1) == std::string_view::npos;
  if (!three) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .claims = token.substr(first + 1, second - first - 1),
               .signature = token.substr(second + 1),
               .is_signed = token.substr(0, second)};
}

BIGNUM* to_number(std::span<const std::uint8_t> bytes) {
  return BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
}

struct DerSignature {
  std::array<std::uint8_t, der_signature_size_max> bytes{};
  std::size_t size = 0;
};

/// `raw` as OpenSSL wants it; of size 0 if that cannot be made.
DerSignature to_der(std::span<const std::uint8_t> raw) {
  const auto half = raw.size() / 2;
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  if (signature == nullptr) return {};
  BIGNUM* r = to_number(raw.first(half));
  BIGNUM* s = to_number(raw.subspan(half));
  if (ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  DerSignature der;
  std::uint8_t* at = der.bytes.data();
  const int size = i2d_ECDSA_SIG(signature.get(), nullptr);
  if (size <= 0 || static_cast<std::size_t>(size) > der.bytes.size()) return {};
  der.size = static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), &at));
  return der;
}

}  // namespace

Result<TokenVerifier> TokenVerifier::from_pem(std::string_view pem) {
  const Owned<BIO> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<OpenSslKey> keys;
  while (OpenSslKey key{PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr)}) {
    if (keys.size() == keys_max) {
      return fail(ErrorCode::invalid_input, "at most two public keys may be in it");
    }
    if (!is_p256(key.get())) {
      return fail(ErrorCode::invalid_input, "a public key in it is not of the curve P-256");
    }
    keys.push_back(std::move(key));
  }
  ERR_clear_error();  // The end of the text is one.
  if (keys.empty()) return fail(ErrorCode::invalid_input, "there is no public key (PEM) in it");
  return TokenVerifier(std::move(keys));
}

tl::expected<TokenClaims, TokenFault> TokenVerifier::verify(std::string_view token) const {
  const auto parts = token.size() <= token_size_max ? split(token) : std::nullopt;
  if (!parts) return tl::unexpected(TokenFault::malformed);
  if (parts->header != token_header) return tl::unexpected(TokenFault::other_algorithm);
  const auto signature = from_base64url(parts->signature);
  if (!signature || signature->size() != std::tuple_size_v<TokenSignature>) {
    return tl::unexpected(TokenFault::malformed);
  }
  if (!is_signed(parts->is_signed, *signature)) return tl::unexpected(TokenFault::bad_signature);
  const auto text = from_base64url(parts->claims);
  const auto claims = text ? parse_claims(as_text(*text)) : std::nullopt;
  if (!claims) return tl::unexpected(TokenFault::bad_claims);
  return *claims;
}

bool TokenVerifier::is_signed(std::string_view text, std::span<const std::uint8_t> raw) const {
  const DerSignature der = to_der(raw);
  const auto bytes = as_bytes(text);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const auto signed_with = [&](const OpenSslKey& key) {
    EVP_MD_CTX_reset(context.get());
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), der.bytes.data(), der.size, bytes.data(),
                            bytes.size()) == 1;
  };
  const bool good = context != nullptr && der.size > 0 && std::ranges::any_of(keys_, signed_with);
  ERR_clear_error();  // A bad signature leaves some; they would pile up.
  return good;
}

}  // namespace muster
