#include "tools/server/api/inventory/cursor.h"

#include <doctest/doctest.h>

#include <string>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("cursor: it comes back as it was, for the list it is of") {
  for (const std::string& key : {std::string(), std::string("kitchen"), std::string("\0\xff", 2)}) {
    const InventoryMark mark{.key = key, .id = DeviceId{4'000'000'000}};
    const std::string text = write_cursor(mark, "by name");
    CHECK(text.find_first_not_of(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(read_cursor(text, "by name") == mark);
    CHECK_FALSE(read_cursor(text, "by uuid").has_value());
  }
}

TEST_CASE("cursor: no other text is one") {
  const std::string text = write_cursor({.key = "kitchen", .id = DeviceId{7}}, "list");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(read_cursor(changed, "list").has_value());
    CHECK_FALSE(read_cursor(text.substr(0, i), "list").has_value());
  }
  for (const auto* wrong : {"", "7", "x y", "===="}) {
    CHECK_FALSE(read_cursor(wrong, "list").has_value());
  }
}
