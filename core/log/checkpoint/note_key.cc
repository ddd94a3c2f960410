#include "core/log/checkpoint/note_key.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/hex.h"

namespace muster {
namespace {

constexpr std::uint8_t ed25519 = 1;  // How C2SP signed notes number it.
constexpr std::size_t name_bytes_max = 200;

struct FreeOpenSsl {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <typename T>
using Owned = std::unique_ptr<T, FreeOpenSsl>;

std::array<std::uint8_t, 32> public_part(const EVP_PKEY* key) {
  std::array<std::uint8_t, 32> bytes{};
  std::size_t size = bytes.size();
  const bool whole =
      EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size();
  MUSTER_ASSERT(whole, "an Ed25519 key has a public part of 32 bytes");
  return bytes;
}

tl::unexpected<Error> no_verifier_key() {
  return fail(ErrorCode::invalid_input,
              "it is no Ed25519 verifier key of signed notes: NAME+ID+KEY");
}

}  // namespace

void FreeNoteKey::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

bool is_note_key_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= name_bytes_max &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7f' && c != '+'; });
}

NoteVerifier::NoteVerifier(std::string name, const PublicKey& key)
    : name_(std::move(name)), key_(key) {
  constexpr std::array<std::uint8_t, 2> marks{'\n', ed25519};
  const Digest hash = sha256({as_bytes(name_), marks, key_});
  std::copy_n(hash.begin(), id_.size(), id_.begin());
}

Result<NoteVerifier> NoteVerifier::parse(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) return no_verifier_key();
  const auto bytes = from_base64(text.substr(second + 1));
  PublicKey key{};
  if (!bytes || bytes->size() != key.size() + 1 || bytes->front() != ed25519) {
    return no_verifier_key();
  }
  std::copy(bytes->begin() + 1, bytes->end(), key.begin());
  NoteVerifier verifier(std::string(text.substr(0, first)), key);
  if (!is_note_key_name(verifier.name()) || verifier.text() != text) return no_verifier_key();
  return verifier;
}

std::string NoteVerifier::text() const {
  std::string key(1, static_cast<char>(ed25519));
  key.append(as_text(key_));
  return fmt::format("{}+{}+{}", name_, to_hex(id_), to_base64(as_bytes(key)));
}

bool NoteVerifier::verify(std::string_view text, const NoteSignature& signature) const {
  const OpenSslNoteKey key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_.data(), key_.size()));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const auto bytes = as_bytes(text);
  return key != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                          bytes.size()) == 1;
}

NoteSigner::NoteSigner(std::string name, OpenSslNoteKey key)
    : key_(std::move(key)), verifier_(std::move(name), public_part(key_.get())) {
  MUSTER_ASSERT(is_note_key_name(verifier_.name()), "a key signs under a name that it may have");
}

NoteSigner NoteSigner::generate(std::string name) {
  OpenSslNoteKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  MUSTER_ASSERT(key != nullptr, "OpenSSL knows Ed25519");
  return NoteSigner(std::move(name), std::move(key));
}

Result<NoteSigner> NoteSigner::from_pem(std::string name, std::string_view pem) {
  const Owned<BIO> memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  OpenSslNoteKey key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (key == nullptr || EVP_PKEY_is_a(key.get(), "ED25519") != 1) {
    return fail(ErrorCode::invalid_input, "there is no private Ed25519 key (PEM) in it");
  }
  return NoteSigner(std::move(name), std::move(key));
}

std::string NoteSigner::private_pem() const {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  const int ok =
      PEM_write_bio_PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  MUSTER_ASSERT(ok == 1, "a key can be written to memory");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

NoteSignature NoteSigner::sign(std::string_view text) const {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  const auto bytes = as_bytes(text);
  NoteSignature signature{};
  std::size_t size = signature.size();
  const bool ok =
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), signature.data(), &size, bytes.data(), bytes.size()) == 1 &&
      size == signature.size();
  MUSTER_ASSERT(ok, "an Ed25519 key signs");
  return signature;
}

}  // namespace muster
