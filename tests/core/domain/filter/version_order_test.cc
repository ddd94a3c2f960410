#include "core/domain/filter/version_order.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

std::strong_ordering order(std::string_view a, std::string_view b) {
  return compare(parse_version(a).value(), parse_version(b).value());
}

}  // namespace

TEST_CASE("versions: they come in the order of semver.org, however many numbers they have") {
  const std::vector<std::string_view> rising{
      "0.9",          "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
      "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc1",     "1.0.0-rc10",
      "1.0.0",        "1.0.1",         "1.2",           "1.10",
      "2.0.0-dev",    "2.12.0",        "2.98.33",       "10"};
  for (std::size_t i = 0; i < rising.size(); ++i) {
    for (std::size_t j = 0; j < rising.size(); ++j) {
      CAPTURE(rising[i]);
      CAPTURE(rising[j]);
      CHECK(order(rising[i], rising[j]) == (i <=> j));
    }
  }
}

TEST_CASE("versions: zeros at the end, a `v` and the name before it make no difference") {
  CHECK(order("1.4", "1.4.0") == std::strong_ordering::equal);
  CHECK(order("v1.4", "1.4") == std::strong_ordering::equal);
  CHECK(order("balenaOS 2.98.33", "2.98.33") == std::strong_ordering::equal);
  CHECK(order("0", "0.0.0") == std::strong_ordering::equal);
}

TEST_CASE("versions: the build counts only where the version compared with has one") {
  CHECK(order("2.12.0+rev3", "2.12.0") == std::strong_ordering::equal);
  CHECK(order("2.12.0+rev9", "2.12.0+rev10") == std::strong_ordering::less);
  CHECK(order("2.12.0", "2.12.0+rev1") == std::strong_ordering::less);
}

TEST_CASE("versions: what has no numbers is none") {
  for (const auto* text : {"", "unknown", "v", "1..2", "1.2.x", "1.", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_version(text).has_value());
  }
}
