#include "broker-bridge/tls/tls_files.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "broker-bridge/tls/openssl_tls.h"

namespace muster {
namespace {

/// A file that an option names.
struct Named {
  std::string_view option;
  const std::filesystem::path& path;
};

tl::unexpected<Error> refuse(const Named& file, std::string_view why) {
  return fail(ErrorCode::invalid_input,
              fmt::format("{} {}: {}", file.option, file.path.string(), why));
}

Result<TlsOwned<BIO>> open(const Named& file) {
  errno = 0;
  TlsOwned<BIO> opened(BIO_new_file(file.path.c_str(), "r"));
  const int error = errno;
  ERR_clear_error();
  if (opened) return opened;
  return refuse(file, fmt::format("cannot be read: {} (this process is user {})",
                                  std::strerror(error), ::geteuid()));
}

/// Keeps OpenSSL from asking at the terminal.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writes*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// The first certificate of the file; all are read.
Result<TlsOwned<X509>> read_certificates(const Named& file) {
  auto opened = open(file);
  if (!opened) return tl::unexpected(opened.error());
  TlsOwned<X509> first;
  while (TlsOwned<X509> each{PEM_read_bio_X509(opened->get(), nullptr, nullptr, nullptr)}) {
    if (!first) first = std::move(each);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return refuse(file, "a certificate in it is damaged");
  if (!first) return refuse(file, "there is no certificate (PEM, BEGIN CERTIFICATE) in it");
  return first;
}

Result<void> check_own(const Named& certificate, const Named& key) {
  const auto ours = read_certificates(certificate);
  if (!ours) return tl::unexpected(ours.error());
  const auto opened = open(key);
  if (!opened) return tl::unexpected(opened.error());
  bool asked = false;
  const TlsOwned<EVP_PKEY> read(
      PEM_read_bio_PrivateKey(opened->get(), nullptr, no_passphrase, &asked));
  ERR_clear_error();
  if (asked) return refuse(key, "it wants a passphrase, which nobody could give: store it without");
  if (!read) return refuse(key, "there is no private key (PEM) in it");
  const bool fits = X509_check_private_key(ours->get(), read.get()) == 1;
  ERR_clear_error();
  if (fits) return {};
  return refuse(
      key, fmt::format("it is not the key of the certificate in {}", certificate.path.string()));
}

}  // namespace

Result<void> check(const TlsFiles& files) {
  if (!files.ca.empty()) {
    const auto read = read_certificates({"--broker-ca", files.ca});
    if (!read) return tl::unexpected(read.error());
  }
  if (files.certificate.empty() && files.key.empty()) return {};
  if (files.key.empty()) {
    return refuse({"--broker-cert", files.certificate}, "its key is missing: give --broker-key");
  }
  if (files.certificate.empty()) {
    return refuse({"--broker-key", files.key}, "its certificate is missing: give --broker-cert");
  }
  return check_own({"--broker-cert", files.certificate}, {"--broker-key", files.key});
}

}  // namespace muster
