#include "tools/server/tokens.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker-bridge/credentials/token_verifier.h"
#include "core/base/base64.h"
#include "tests/support/temporary_folder.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

std::vector<std::string> split(const std::string& token) {
  std::vector<std::string> parts(1);
  for (const char c : token) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

nlohmann::json decode(const std::string& part) {
  const auto bytes = from_base64url(part);
  REQUIRE(bytes.has_value());
  return nlohmann::json::parse(as_text(*bytes));
}

/// Whether `raw` (r and s, 32 bytes each) signs `text` with the key in `file`.
bool verifies(const std::filesystem::path& file, const std::string& text,
              const std::vector<std::uint8_t>& raw) {
  BIO* in = BIO_new_file(file.c_str(), "r");
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO_free(in);
  ECDSA_SIG* signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(raw.data(), 32, nullptr),
                 BN_bin2bn(raw.data() + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const auto bytes = as_bytes(text);
  const bool ok = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
                  EVP_DigestVerify(context, der, static_cast<std::size_t>(size), bytes.data(),
                                   bytes.size()) == 1;
  EVP_MD_CTX_free(context);
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  EVP_PKEY_free(key);
  return ok;
}

}  // namespace

TEST_CASE("device tokens: an ES256 JSON web token with the log, the device and the generation") {
  const test::TemporaryFolder temporary;
  const auto file = temporary.path() / "key.pem";
  const auto tokens = DeviceTokens::open(file, temporary.path() / "before.pem");
  REQUIRE(tokens.has_value());
  const Uuid log = random_uuid();
  const Uuid device = random_uuid();

  const auto parts = split(tokens->mint(log, device, Sequence{42}));

  REQUIRE(parts.size() == 3);
  CHECK(decode(parts[0]) == nlohmann::json{{"alg", "ES256"}, {"typ", "JWT"}});
  CHECK(decode(parts[1]) ==
        nlohmann::json{{"iss", to_string(log)}, {"sub", to_string(device)}, {"gen", 42}});
  const auto signature = from_base64url(parts[2]);
  REQUIRE(signature.has_value());
  REQUIRE(signature->size() == 64);
  const std::string text = fmt::format("{}.{}", parts[0], parts[1]);
  CHECK(verifies(file, text, *signature));
  CHECK_FALSE(verifies(file, fmt::format("{}x", text), *signature));
}

TEST_CASE("device tokens: the key stays; a file that holds none is reported and kept") {
  const test::TemporaryFolder temporary;
  const auto file = temporary.path() / "key.pem";
  REQUIRE(DeviceTokens::open(file, temporary.path() / "before.pem").has_value());
  const auto size = std::filesystem::file_size(file);
  REQUIRE(DeviceTokens::open(file, temporary.path() / "before.pem").has_value());
  CHECK(std::filesystem::file_size(file) == size);

  std::ofstream(file) << "no key";
  const auto damaged = DeviceTokens::open(file, temporary.path() / "before.pem");
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().code == ErrorCode::corrupt);
}

TEST_CASE("device tokens: while the key is replaced, what the one before signed is checked too") {
  const test::TemporaryFolder temporary;
  const auto file = temporary.path() / "key.pem";
  const auto previous = temporary.path() / "before.pem";
  const Uuid log = random_uuid();
  const Uuid device = random_uuid();
  const std::string old_token = DeviceTokens::open(file, previous)->mint(log, device, Sequence{1});
  std::filesystem::rename(file, previous);

  const auto tokens = DeviceTokens::open(file, previous);
  REQUIRE(tokens.has_value());
  const auto verifier = TokenVerifier::from_pem(tokens->public_keys());
  REQUIRE(verifier.has_value());
  CHECK(verifier->verify(old_token).has_value());
  CHECK(verifier->verify(tokens->mint(log, device, Sequence{2}))->generation == 2);
  std::filesystem::remove(previous);
  const auto after = TokenVerifier::from_pem(DeviceTokens::open(file, previous)->public_keys());
  CHECK(after->verify(old_token).error() == TokenFault::bad_signature);
}

TEST_CASE("user tokens: the same command gives the same token, another command another one") {
  const UserTokens tokens(sha256({as_bytes("secret")}));
  const Ulid first = random_ulid(Timestamp{});
  CHECK(tokens.derive(first) == tokens.derive(first));
  CHECK(tokens.derive(first) != tokens.derive(random_ulid(Timestamp{})));
  CHECK(UserTokens(sha256({as_bytes("other")})).derive(first) != tokens.derive(first));
  CHECK(tokens.derive(first).starts_with("muster_"));
  CHECK(tokens.derive_provisioning_key(first).starts_with("muster-provision_"));
}
