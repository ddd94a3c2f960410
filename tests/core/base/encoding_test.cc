#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/base/hex.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("uuid: only 32 lower-case hexadecimal digits are one, and they come back") {
  const std::string text = "0123456789abcdef0123456789abcdef";
  REQUIRE(parse_uuid(text).has_value());
  CHECK(to_string(*parse_uuid(text)) == text);
  CHECK_FALSE(parse_uuid("").has_value());
  CHECK_FALSE(parse_uuid("0123456789ABCDEF0123456789ABCDEF").has_value());
  CHECK_FALSE(parse_uuid(text + "0").has_value());
  CHECK_FALSE(parse_uuid("0123456789abcdef0123456789abcdeg").has_value());
}

TEST_CASE("ulid: text comes back and sorts by time") {
  const Timestamp early{std::chrono::milliseconds{1'000}};
  const Timestamp late{std::chrono::milliseconds{2'000}};
  const Ulid first = random_ulid(early);
  REQUIRE(parse_ulid(to_string(first)).has_value());
  CHECK(*parse_ulid(to_string(first)) == first);
  CHECK(to_string(first) < to_string(random_ulid(late)));
  CHECK_FALSE(parse_ulid("8ZZZZZZZZZZZZZZZZZZZZZZZZZ").has_value());
  CHECK_FALSE(parse_ulid("01J0000000000000000000000").has_value());
  CHECK(to_string(*parse_ulid("01ARZ3NDEKTSV4RRFFQ69G5FAV")) == "01ARZ3NDEKTSV4RRFFQ69G5FAV");
}

TEST_CASE("base64url: vectors of RFC 4648 without padding, strict on the way back") {
  CHECK(to_base64url(as_bytes("")).empty());
  CHECK(to_base64url(as_bytes("f")) == "Zg");
  CHECK(to_base64url(as_bytes("foobar")) == "Zm9vYmFy");
  REQUIRE(from_base64url("Zm9vYg").has_value());
  CHECK(as_text(*from_base64url("Zm9vYg")) == "foob");
  CHECK_FALSE(from_base64url("Zg==").has_value());
  CHECK_FALSE(from_base64url("Zh").has_value());
  CHECK_FALSE(from_base64url("Z").has_value());
}

TEST_CASE("base64: vectors of RFC 4648, strict on the way back") {
  for (const auto& [plain, coded] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"\xfb\xff", "+/8="}}) {
    CHECK(to_base64(as_bytes(plain)) == coded);
    REQUIRE(from_base64(coded).has_value());
    CHECK(as_text(*from_base64(coded)) == plain);
  }
  for (const char* wrong : {"Zg", "Zg=", "Zh==", "Z===", "====", "Zm8=Zm8=", "-_8=", "Zm9v\n"}) {
    CHECK_FALSE(from_base64(wrong).has_value());
  }
}

TEST_CASE("digest: SHA-256 of parts is that of their concatenation; HMAC per RFC 4231") {
  CHECK(to_hex(sha256({as_bytes("a"), as_bytes("bc")})) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("endian: byte order is number order") {
  std::string low;
  std::string high;
  append_big_endian<std::uint64_t>(low, 0xffU);
  append_big_endian<std::uint64_t>(high, 0x100U);
  CHECK(low < high);
  CHECK(read_big_endian<std::uint64_t>(high) == 0x100U);
}
