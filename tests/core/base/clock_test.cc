#include "core/base/clock.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("clock: RFC 3339 text comes back") {
  const auto at = parse_rfc3339("2026-11-21T08:30:00.125Z");
  REQUIRE(at.has_value());
  CHECK(to_rfc3339(*at) == "2026-11-21T08:30:00.125Z");
  CHECK(to_rfc3339(*parse_rfc3339("1970-01-01T00:00:00Z")) == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("clock: what is not a UTC time is refused") {
  for (const std::string_view text :
       {"", "2026-11-21", "2026-11-21T08:30:00", "2026-02-30T08:30:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T08:30:00.Z", "2026-11-21T08:30:00.1234567Z", "2026-11-21T08:30:00+01:00",
        "2026-11-21T08:30:00Zx"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}
