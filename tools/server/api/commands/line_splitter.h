#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Cuts a text that comes in parts into lines, whose length is bounded. Lines end with a line feed,
/// perhaps after a carriage return; blank ones are counted and passed over.
class LineSplitter {
 public:
  LineSplitter(std::uint64_t first_number, std::size_t line_bytes_max)
      : number_(first_number), bytes_max_(line_bytes_max) {}

  /// Lines given before are not valid any more.
  void feed(std::string_view part);

  /// Nothing more comes: what is left is the last line, or with `complete` false no line at all.
  void end(bool complete);

  struct Line {
    std::uint64_t number = 0;
    std::string_view text;  // Empty if it is too long. Valid until `feed`.
    bool too_long = false;
  };

  /// The next line that is there as a whole.
  [[nodiscard]] std::optional<Line> next();

  /// How much is held that is not given yet.
  [[nodiscard]] std::size_t held() const noexcept { return buffer_.size() - begin_; }

 private:
  std::uint64_t number_;  // Of the line at begin_.
  std::size_t bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;    // Of the next line.
  std::size_t scanned_ = 0;  // Before here there is no line feed from begin_ on.
  bool skipping_ = false;    // The rest of a line that is too long.
};

}  // namespace muster
