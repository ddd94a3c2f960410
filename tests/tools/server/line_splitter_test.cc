#include "tools/server/api/commands/line_splitter.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

/// What a splitter gives of `parts`, each line as `NUMBER:TEXT`, with `|` between the feeds.
std::string lines_of(const std::vector<std::string>& parts, bool complete = true,
                     std::size_t bytes_max = 8) {
  LineSplitter splitter(1, bytes_max);
  std::string text;
  const auto drain = [&] {
    while (const auto line = splitter.next()) {
      text += fmt::format("{}:{} ", line->number, line->too_long ? "!" : line->text);
    }
    text += '|';
  };
  for (const std::string& part : parts) {
    splitter.feed(part);
    drain();
  }
  splitter.end(complete);
  drain();
  CHECK(splitter.held() == 0);
  return text;
}

}  // namespace

TEST_CASE("line splitter: lines come whole, however the parts are cut") {
  CHECK(lines_of({"a\nbc\n"}) == "1:a 2:bc ||");
  CHECK(lines_of({"a", "b", "\n", "c\nd"}) == "||1:ab |2:c |3:d |");
  CHECK(lines_of({"a\r\nb\r\n"}) == "1:a 2:b ||");
  CHECK(lines_of({}) == "|");
  const std::string text = "one\ntwo\n\nfour\n";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    std::string lines = lines_of({text.substr(0, cut), text.substr(cut)});
    std::erase(lines, '|');
    CHECK(lines == "1:one 2:two 4:four ");
  }
}

TEST_CASE("line splitter: blank lines count and are not given") {
  CHECK(lines_of({"\n \t\r\na\n\n"}) == "3:a ||");
  CHECK(lines_of({" \n\n"}) == "||");
}

TEST_CASE("line splitter: what was cut off is no line") {
  CHECK(lines_of({"a\nb"}, false) == "1:a ||");
  CHECK(lines_of({"b"}, false) == "||");
  CHECK(lines_of({"a\n"}, false) == "1:a ||");
  CHECK(lines_of({std::string(20, 'x')}, false) == "||");
}

TEST_CASE("line splitter: a line that is too long is told, not kept, and the next is right") {
  CHECK(lines_of({"12345678\n"}) == "1:12345678 ||");
  CHECK(lines_of({"123456789\nb\n"}) == "1:! 2:b ||");
  CHECK(lines_of({"12345", "67890", "12345", "\nb\n"}) == "|||1:! 2:b ||");
  CHECK(lines_of({std::string(100, 'x')}) == "|1:! |");
  LineSplitter splitter(7, 10);
  for (int i = 0; i < 100; ++i) {
    splitter.feed("12345678901");
    CHECK_FALSE(splitter.next().has_value());
    CHECK(splitter.held() == 0);
  }
  splitter.feed("\n");
  const auto line = splitter.next();
  REQUIRE(line.has_value());
  CHECK(line->number == 7);
  CHECK(line->too_long);
}
