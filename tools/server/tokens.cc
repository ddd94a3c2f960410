#include "tools/server/tokens.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/base64.h"
#include "core/log/disk/posix_file.h"
#include "tools/server/data_folder.h"

namespace muster {
namespace {

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

constexpr std::size_t coordinate_size = 32;  // Of P-256.

std::string to_pem(EVP_PKEY* key) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  const int ok = PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  MUSTER_ASSERT(ok == 1, "a key can be written to memory");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// A DER signature as the two numbers of ES256, 32 bytes each.
std::array<std::uint8_t, 2 * coordinate_size> to_raw(const std::vector<std::uint8_t>& der) {
  const std::uint8_t* at = der.data();
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  MUSTER_ASSERT(signature != nullptr, "OpenSSL reads its own signature");
  std::array<std::uint8_t, 2 * coordinate_size> raw{};
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), coordinate_size);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + coordinate_size, coordinate_size);
  return raw;
}

}  // namespace

std::string UserTokens::derive(const Ulid& issuer) const {
  return fmt::format("muster_{}", to_base64url(hmac_sha256(secret_, issuer.bytes)));
}

std::string UserTokens::derive_provisioning_key(const Ulid& issuer) const {
  return fmt::format("muster-provision_{}", to_base64url(hmac_sha256(secret_, issuer.bytes)));
}

Digest UserTokens::hash(std::string_view token) { return sha256({as_bytes(token)}); }

void DeviceTokens::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<DeviceTokens> DeviceTokens::open(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) {
    Key key(EVP_EC_gen("P-256"));
    MUSTER_ASSERT(key != nullptr, "OpenSSL knows P-256");
    if (auto written = write_secret(file, to_pem(key.get())); !written) {
      return tl::unexpected(written.error());
    }
    return DeviceTokens(std::move(key));
  }
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  const auto pem = in->read_all();
  if (!pem) return tl::unexpected(pem.error());
  const Owned<BIO> memory(BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  Key key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "EC") != 1 ||
      EVP_PKEY_get_bits(key.get()) != 256) {
    return fail(
        ErrorCode::corrupt,
        fmt::format("{} is damaged: it holds no P-256 key; put back the original", file.string()));
  }
  return DeviceTokens(std::move(key));
}

std::string DeviceTokens::mint(const Uuid& log, const Uuid& device, Sequence generation) const {
  const std::string claims = fmt::format(R"({{"iss":"{}","sub":"{}","gen":{}}})", to_string(log),
                                         to_string(device), generation.value());
  const std::string text =
      fmt::format("{}.{}", to_base64url(as_bytes(R"({"alg":"ES256","typ":"JWT"})")),
                  to_base64url(as_bytes(claims)));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  bool ok = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1;
  std::size_t size = 0;
  const auto bytes = as_bytes(text);
  ok = ok && EVP_DigestSign(context.get(), nullptr, &size, bytes.data(), bytes.size()) == 1;
  std::vector<std::uint8_t> der(size);
  ok = ok && EVP_DigestSign(context.get(), der.data(), &size, bytes.data(), bytes.size()) == 1;
  MUSTER_ASSERT(ok, "a P-256 key signs");
  der.resize(size);
  return fmt::format("{}.{}", text, to_base64url(to_raw(der)));
}

}  // namespace muster
