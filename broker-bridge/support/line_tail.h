#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

namespace muster {

/// Cuts a stream of bytes into lines, hands each to `on_line` and keeps the last ones.
class LineTail {
 public:
  LineTail(std::size_t lines_max, std::function<void(std::string_view)> on_line);

  /// A line longer than 1 KiB is cut there.
  void append(std::string_view bytes);

  /// The kept lines, joined by `; `, with what came after the last line end.
  [[nodiscard]] std::string text() const;

 private:
  void end_line();

  std::size_t lines_max_;
  std::function<void(std::string_view)> on_line_;
  std::string current_;
  std::deque<std::string> lines_;
};

}  // namespace muster
