#include "broker-bridge/tls/tls_trial.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "broker-bridge/support/unique_fd.h"
#include "broker-bridge/tls/openssl_tls.h"

namespace muster {
namespace {

/// What was wrong with the broker's certificate first.
struct Refused {
  int code = X509_V_OK;
  std::string not_before;
  std::string not_after;
  std::string names;
};

std::string time_of(const ASN1_TIME* time) {
  const TlsOwned<BIO> memory(BIO_new(BIO_s_mem()));
  ASN1_TIME_print_ex(memory.get(), time, ASN1_DTFLGS_ISO8601);
  return text_of(memory.get());
}

/// For whom it is, e.g. `DNS:broker.example.org, IP Address:10.0.0.7`.
std::string names_of(const X509* certificate) {
  const TlsOwned<BIO> memory(BIO_new(BIO_s_mem()));
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at >= 0) {
    X509V3_EXT_print(memory.get(), X509_get_ext(certificate, at), 0, 0);
  } else {
    X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
  }
  return text_of(memory.get());
}

int note_refusal(int good, X509_STORE_CTX* store) {
  if (good == 1) return 1;
  auto* connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& refused = *static_cast<Refused*>(SSL_get_app_data(connection));
  refused.code = X509_STORE_CTX_get_error(store);
  if (const X509* bad = X509_STORE_CTX_get_current_cert(store)) {
    refused.not_before = time_of(X509_get0_notBefore(bad));
    refused.not_after = time_of(X509_get0_notAfter(bad));
    refused.names = names_of(bad);
  }
  return 0;
}

std::string in_words(const Refused& refused, const std::string& host, const TlsFiles& files) {
  switch (refused.code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("its certificate expired on {}", refused.not_after);
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("its certificate is not valid before {}: is this machine's clock right?",
                         refused.not_before);
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("its certificate is not for {}, but for {}: connect by that name", host,
                         refused.names);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return fmt::format(
          "its certificate is signed by an unknown CA ({}): {}; name its CA's certificate with "
          "--broker-ca",
          X509_verify_cert_error_string(refused.code),
          files.ca.empty() ? "it is none of this system's" : "it is not in " + files.ca.string());
    default:
      return fmt::format("its certificate was refused: {}",
                         X509_verify_cert_error_string(refused.code));
  }
}

/// What the broker said of us, if it did: an alert of TLS.
std::optional<std::string> refusal_of_ours(const TlsFiles& files) {
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_LIB(error) != ERR_LIB_SSL || ERR_GET_REASON(error) <= SSL_AD_REASON_OFFSET) {
    return std::nullopt;
  }
  const std::string said = ERR_reason_error_string(error);
  if (files.certificate.empty()) {
    return fmt::format(
        "it refused the TLS connection: {}; if it wants a client certificate, give --broker-cert "
        "and --broker-key",
        said);
  }
  return fmt::format("it refused the TLS connection, maybe for the certificate in {}: {}",
                     files.certificate.string(), said);
}

/// Of a handshake that did not come to its end.
std::string handshake_problem(const TlsFiles& files, int error_number) {
  if (auto refused = refusal_of_ours(files)) return *refused;
  const unsigned long error = ERR_peek_error();
  const int reason = ERR_GET_REASON(error);
  const bool foreign = error == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
                       reason == SSL_R_WRONG_VERSION_NUMBER;
  const char* words = error == 0 ? std::strerror(error_number) : ERR_reason_error_string(error);
  const std::string said = words != nullptr ? words : fmt::format("error {}", reason);
  if (foreign) return fmt::format("it does not seem to speak TLS on this port: {}", said);
  return fmt::format("the TLS handshake failed: {}", said);
}

Result<UniqueFd> connect_to(const std::string& host, std::uint16_t port,
                            std::chrono::milliseconds timeout) {
  const addrinfo wanted{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  addrinfo* found = nullptr;
  const int looked_up = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (looked_up != 0) return fail(ErrorCode::unavailable, ::gai_strerror(looked_up));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const timeval limit{.tv_sec = timeout.count() / 1'000,
                      .tv_usec = timeout.count() % 1'000 * 1'000};
  int error = 0;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    UniqueFd made(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, 0));
    ::setsockopt(made.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    ::setsockopt(made.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(made.get(), each->ai_addr, each->ai_addrlen) == 0) return made;
    error = errno;
  }
  return fail(ErrorCode::unavailable, std::strerror(error));
}

/// A connection that checks what the MQTT library checks.
TlsOwned<SSL> prepare(SSL_CTX* context, const std::string& host, const TlsFiles& files,
                      Refused& refused) {
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else {
    SSL_CTX_load_verify_locations(context, files.ca.c_str(), nullptr);
  }
  if (!files.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM);
  }
  TlsOwned<SSL> connection(SSL_new(context));
  SSL_set_app_data(connection.get(), &refused);
  SSL_set_verify(connection.get(), SSL_VERIFY_PEER, note_refusal);
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection.get()), host.c_str()) != 1) {
    SSL_set1_host(connection.get(), host.c_str());
    SSL_set_tlsext_host_name(connection.get(), host.c_str());
  }
  return connection;
}

}  // namespace

std::string try_tls(const std::string& host, std::uint16_t port, const TlsFiles& files,
                    std::chrono::milliseconds timeout) {
  const auto socket = connect_to(host, port, timeout);
  if (!socket) return socket.error().message;
  const TlsOwned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  Refused refused;
  const auto connection = prepare(context.get(), host, files, refused);
  SSL_set_fd(connection.get(), socket->get());
  ERR_clear_error();
  errno = 0;
  if (const int shaken = SSL_connect(connection.get()); shaken != 1) {
    if (refused.code != X509_V_OK) return in_words(refused, host, files);
    const bool silent = SSL_get_error(connection.get(), shaken) == SSL_ERROR_WANT_READ;
    return silent ? "it did not answer the TLS handshake" : handshake_problem(files, errno);
  }
  // A broker that does not like our certificate says so after the handshake. One that does waits.
  std::array<char, 1> byte{};
  const int read = SSL_read(connection.get(), byte.data(), byte.size());
  const bool waits = read > 0 || SSL_get_error(connection.get(), read) == SSL_ERROR_WANT_READ;
  if (waits) return {};
  return refusal_of_ours(files).value_or("it closed the connection after the TLS handshake");
}

}  // namespace muster
