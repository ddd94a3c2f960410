#include "core/log/record/crc32c.h"

#include <doctest/doctest.h>

#include <string>

namespace muster {
namespace {

TEST_CASE("crc32c: gives the values of RFC 3720 B.4") {
  CHECK(crc32c(std::string(32, '\0')) == 0x8a9136aaU);
  CHECK(crc32c(std::string(32, '\xff')) == 0x62a8ab43U);
  CHECK(crc32c("123456789") == 0xe3069283U);
  CHECK(crc32c("") == 0U);
}

TEST_CASE("crc32c: the table and the instruction agree, also over pieces") {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    CHECK(crc32c(bytes) == crc32c_by_table(bytes));
    const std::string_view whole = bytes;
    const std::size_t cut = bytes.size() / 3;
    CHECK(crc32c(whole.substr(cut), crc32c(whole.substr(0, cut))) == crc32c(whole));
    bytes.push_back(static_cast<char>(i * 37));
  }
}

}  // namespace
}  // namespace muster
