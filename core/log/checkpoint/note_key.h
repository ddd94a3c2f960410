#pragma once

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster {

struct FreeNoteKey {
  void operator()(EVP_PKEY* key) const;
};
using OpenSslNoteKey = std::unique_ptr<EVP_PKEY, FreeNoteKey>;

/// Tells the keys of one name apart: the first four bytes of a hash of name and key.
using NoteKeyId = std::array<std::uint8_t, 4>;
using NoteSignature = std::array<std::uint8_t, 64>;

/// Checks signatures of C2SP signed notes: an Ed25519 public key and the name it goes by.
class NoteVerifier {
 public:
  /// `text` as in `text()`. Errors: invalid_input.
  [[nodiscard]] static Result<NoteVerifier> parse(std::string_view text);

  /// What others need to check signatures: `<name>+<key id>+<key>`.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const NoteKeyId& id() const noexcept { return id_; }
  [[nodiscard]] bool verify(std::string_view text, const NoteSignature& signature) const;

 private:
  friend class NoteSigner;
  using PublicKey = std::array<std::uint8_t, 32>;
  NoteVerifier(std::string name, const PublicKey& key);

  std::string name_;
  PublicKey key_{};
  NoteKeyId id_{};
};

/// An Ed25519 private key under the name by which it signs. One thread at a time.
class NoteSigner {
 public:
  /// A new key. `name` must be one that is_note_key_name accepts.
  [[nodiscard]] static NoteSigner generate(std::string name);

  /// Errors: invalid_input if `pem` holds no private Ed25519 key.
  [[nodiscard]] static Result<NoteSigner> from_pem(std::string name, std::string_view pem);

  [[nodiscard]] std::string private_pem() const;
  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return verifier_; }
  [[nodiscard]] NoteSignature sign(std::string_view text) const;

 private:
  NoteSigner(std::string name, OpenSslNoteKey key);

  OpenSslNoteKey key_;
  NoteVerifier verifier_;
};

/// Whether a key may go by `name`: printable ASCII without spaces and `+`, at most 200 bytes.
[[nodiscard]] bool is_note_key_name(std::string_view name) noexcept;

}  // namespace muster
