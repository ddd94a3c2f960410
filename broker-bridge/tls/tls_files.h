#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace muster {

/// What a TLS connection to a broker is checked and made with: files in PEM form.
struct TlsFiles {
  std::filesystem::path ca;           // Who may sign the broker's certificate. Empty: the system's.
  std::filesystem::path certificate;  // Our own, with its chain. Empty: none; then no key either.
  std::filesystem::path key;          // Of our certificate, without a passphrase.
};

/// Reads the files, so that a wrong one is named before anything is opened. They are read anew for
/// each connection: a renewed certificate needs no restart.
/// Errors: invalid_input, naming the option (`--broker-ca` and so on), the file and what it lacks.
[[nodiscard]] Result<void> check(const TlsFiles& files);

}  // namespace muster
