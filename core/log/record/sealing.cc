#include "core/log/record/sealing.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstddef>
#include <memory>

#include "core/base/assert.h"
#include "core/base/digest.h"

namespace muster {
namespace {

constexpr std::size_t tag_size = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Fetching an algorithm takes a lock and a lookup; it is done once per process.
const EVP_CIPHER* algorithm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

}  // namespace

std::vector<std::uint8_t> seal(const SealingKey& key, const SealingNonce& nonce,
                               std::string_view context, std::string_view text) {
  const Context cipher(EVP_CIPHER_CTX_new());
  const auto extra = as_bytes(context);
  const auto plain = as_bytes(text);
  std::vector<std::uint8_t> sealed(text.size() + tag_size);
  std::uint8_t* const tag = sealed.data() + text.size();
  int length = 0;
  const bool ok =
      EVP_EncryptInit_ex2(cipher.get(), algorithm(), key.data(), nonce.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, extra.data(),
                        static_cast<int>(extra.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), sealed.data(), &length, plain.data(),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), tag, &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag) == 1;
  MUSTER_ASSERT(ok, "AES-256-GCM is available");
  return sealed;
}

std::optional<std::string> unseal(const SealingKey& key, const SealingNonce& nonce,
                                  std::string_view context, std::span<const std::uint8_t> sealed) {
  if (sealed.size() < tag_size) {
    return std::nullopt;
  }
  const Context cipher(EVP_CIPHER_CTX_new());
  const auto extra = as_bytes(context);
  const auto hidden = sealed.first(sealed.size() - tag_size);
  std::array<std::uint8_t, tag_size> tag{};
  std::copy(sealed.end() - tag_size, sealed.end(), tag.begin());
  std::vector<std::uint8_t> plain(hidden.size() + 1);  // Never a null pointer.
  int length = 0;
  const bool ok =
      EVP_DecryptInit_ex2(cipher.get(), algorithm(), key.data(), nonce.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, extra.data(),
                        static_cast<int>(extra.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), plain.data(), &length, hidden.data(),
                        static_cast<int>(hidden.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), plain.data() + hidden.size(), &length) == 1;
  if (!ok) {
    return std::nullopt;
  }
  return std::string(as_text(std::span(plain).first(hidden.size())));
}

}  // namespace muster
