#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "broker-bridge/credentials/signing_key.h"
#include "broker-bridge/credentials/token_verifier.h"
#include "core/base/base64.h"
#include "core/base/digest.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

// Tokens: what is good is read, and everything else is refused for the right reason.

namespace {

const TokenClaims claims{.issuer = *parse_uuid("00112233445566778899aabbccddeeff"),
                         .subject = *parse_uuid("ffeeddccbbaa99887766554433221100"),
                         .generation = 42,
                         .expires_at = {}};

struct Tokens {
  SigningKey key = SigningKey::generate();
  TokenVerifier verifier = *TokenVerifier::from_pem(key.public_pem());
  std::string good = key.sign(claims);

  [[nodiscard]] TokenFault fault_of(const std::string& token) const {
    const auto verified = verifier.verify(token);
    REQUIRE_FALSE(verified.has_value());
    return verified.error();
  }
  [[nodiscard]] std::string part(int number) const {
    const auto first = good.find('.');
    const auto second = good.find('.', first + 1);
    if (number == 0) return good.substr(0, first);
    return number == 1 ? good.substr(first + 1, second - first - 1) : good.substr(second + 1);
  }
};

std::string encoded(std::string_view text) { return to_base64url(as_bytes(text)); }

}  // namespace

TEST_CASE_FIXTURE(Tokens, "token: what is signed is read, with an end or without") {
  CHECK(*verifier.verify(good) == claims);
  TokenClaims ending = claims;
  ending.expires_at = 1'800'000'000;
  CHECK(*verifier.verify(key.sign(ending)) == ending);
  CHECK(good.size() <= token_size_max);
}

TEST_CASE_FIXTURE(Tokens, "token: with a new and an old key both are good, with a third none") {
  const SigningKey next = SigningKey::generate();
  const auto both = TokenVerifier::from_pem(next.public_pem() + key.public_pem());
  REQUIRE(both.has_value());
  CHECK(both->verify(good).has_value());
  CHECK(both->verify(next.sign(claims)).has_value());
  CHECK(both->verify(SigningKey::generate().sign(claims)).error() == TokenFault::bad_signature);
}

TEST_CASE_FIXTURE(Tokens, "token: another algorithm, or none, is refused whatever is signed") {
  const std::string rest = fmt::format("{}.{}", part(1), part(2));
  for (const char* header : {R"({"alg":"none","typ":"JWT"})", R"({"alg":"HS256","typ":"JWT"})",
                             R"({"alg":"ES384","typ":"JWT"})", R"({"typ":"JWT","alg":"ES256"})",
                             R"({"alg":"ES256"})", "{}", ""}) {
    CAPTURE(header);
    CHECK(fault_of(fmt::format("{}.{}", encoded(header), rest)) == TokenFault::other_algorithm);
  }
  CHECK(fault_of(fmt::format("{}.{}.", encoded(R"({"alg":"none"})"), part(1))) ==
        TokenFault::other_algorithm);
}

TEST_CASE_FIXTURE(Tokens, "token: any change of claims or signature is refused") {
  TokenClaims other = claims;
  other.generation = 43;
  const std::string altered =
      fmt::format("{}.{}.{}", part(0), encoded(render_claims(other)), part(2));
  CHECK(fault_of(altered) == TokenFault::bad_signature);
  const auto first = good.find('.') + 1;
  for (std::size_t at = first; at < good.size(); ++at) {
    CAPTURE(at);
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(verifier.verify(changed).has_value());
  }
}

TEST_CASE_FIXTURE(Tokens, "token: what has not exactly three parts of base64url is no token") {
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), part(0), part(0) + "." + part(1),
        good + ".", good + "=", good + "\n", good + ".AAAA", " " + good,
        part(0) + "." + part(1) + ".AAAA", std::string(token_size_max + 1, 'a')}) {
    CAPTURE(text);
    CHECK_FALSE(verifier.verify(text).has_value());
  }
}

TEST_CASE("token: claims have one spelling only") {
  const std::string text = render_claims(claims);
  CHECK(*parse_claims(text) == claims);
  const std::string iss = to_string(claims.issuer);
  const std::string sub = to_string(claims.subject);
  for (const std::string& wrong :
       {std::string(), std::string("{}"), text + " ", " " + text, text.substr(1),
        fmt::format(R"({{"iss":"{}","sub":"{}"}})", iss, sub),
        fmt::format(R"({{"sub":"{}","iss":"{}","gen":1}})", sub, iss),
        fmt::format(R"({{"iss":"{}","sub":"{}","gen":01}})", iss, sub),
        fmt::format(R"({{"iss":"{}","sub":"{}","gen":-1}})", iss, sub),
        fmt::format(R"({{"iss":"{}","sub":"{}","gen":9007199254740992}})", iss, sub),
        fmt::format(R"({{"iss":"{}","sub":"{}","gen":1,"gen":2}})", iss, sub),
        fmt::format(R"({{"iss":"{}","sub":"{}","gen":1,"exp":}})", iss, sub),
        fmt::format(R"({{"iss":"{}","sub":"{}X","gen":1}})", iss, sub.substr(1))}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_claims(wrong).has_value());
  }
}

TEST_CASE("token: keys that are none, too many or of another curve are refused") {
  const std::string one = SigningKey::generate().public_pem();
  CHECK_FALSE(TokenVerifier::from_pem("").has_value());
  CHECK_FALSE(TokenVerifier::from_pem("no key").has_value());
  CHECK_FALSE(TokenVerifier::from_pem(one + one + one).has_value());
  CHECK_FALSE(TokenVerifier::from_pem(SigningKey::generate().private_pem()).has_value());
  CHECK_FALSE(SigningKey::from_pem(one).has_value());
  const SigningKey key = SigningKey::generate();
  const auto again = SigningKey::from_pem(key.private_pem());
  REQUIRE(again.has_value());
  CHECK(again->public_pem() == key.public_pem());
}
