#include "core/domain/decide/names.h"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <string_view>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

using Texts = std::initializer_list<std::string_view>;

void check_all(bool (*rule)(std::string_view) noexcept, bool expected, Texts texts) {
  for (const std::string_view text : texts) {
    CAPTURE(text);
    CHECK(rule(text) == expected);
  }
}

const std::string hundred(100, 'a');
const std::string too_many(101, 'a');

}  // namespace

TEST_CASE("names: a name is 4 to 100 letters, digits, _ and -") {
  check_all(is_name, true, {"abcd", "A-_9", "----", hundred});
  check_all(is_name, false, {"", "abc", too_many, "ab cd", "ab.cd", "ab/cd", "abcd\n", "äbcd"});
}

TEST_CASE("names: a user's name may be an e-mail address, and short") {
  check_all(is_username, true, {"a", "ada.l@example.org", "a+b-c_d", hundred});
  check_all(is_username, false, {"", too_many, "a b", "a/b", "ä"});
}

TEST_CASE("names: slugs of device types and architectures are lower case") {
  check_all(is_type_slug, true, {"pi", "raspberrypi4-64", "x86_64"});
  check_all(is_type_slug, false, {"", "a", "Pi4", "pi.4", too_many});
}

TEST_CASE("names: keys of tags may be structured, but have no spaces") {
  check_all(is_tag_key, true, {"a", "site.room/shelf:2", hundred});
  check_all(is_tag_key, false, {"", "a b", "a=b", too_many});
}

TEST_CASE("names: a commit is 8 to 64 hexadecimal digits in lower case") {
  const std::string longest(64, 'f');
  const std::string too_long(65, 'f');
  check_all(is_commit, true, {"0123abcd", longest});
  check_all(is_commit, false, {"", "0123abc", too_long, "0123ABCD", "0123abcg"});
}

TEST_CASE("names: a semver is that of semver.org, without build metadata") {
  check_all(
      is_semver, true,
      {"0.0.0", "1.4.2", "10.20.30", "1.0.0-rc.1", "1.0.0-alpha-beta", "1.0.0-0a", "1.0.0-0"});
  check_all(is_semver, false,
            {"", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "01.2.3", "1.02.3", "1.2.3-", "1.2.3-01",
             "1.2.3-a..b", "1.2.3+build", "1.2.3+rev1", "1.2.3-rc_1", " 1.2.3", "1..3", "-1.2.3"});
}

TEST_CASE("names: a slug has exactly one slash") {
  REQUIRE(split_slug("acme/thermo").has_value());
  CHECK(split_slug("acme/thermo")->organisation == "acme");
  CHECK(split_slug("acme/thermo")->name == "thermo");
  CHECK_FALSE(split_slug("thermo").has_value());
  CHECK_FALSE(split_slug("acme/thermo/").has_value());
}

TEST_CASE("names: only A to Z become lower case") { CHECK(to_lower("AcMe-Z_9Ä") == "acme-z_9Ä"); }
