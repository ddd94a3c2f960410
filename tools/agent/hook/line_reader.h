#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace muster::agent {

/// Cuts what a non-blocking file descriptor gives into lines. Longer lines are cut off.
class LineReader {
 public:
  LineReader() = default;

  /// Does not own `fd`.
  explicit LineReader(int fd) noexcept : fd_(fd) {}

  /// Hands over the lines that are there now, and the unfinished one at the end of the file.
  /// Reads a bounded amount, so that an endless writer cannot hold up the caller.
  void read(const std::function<void(std::string_view)>& on_line);

 private:
  void take(std::string_view bytes, const std::function<void(std::string_view)>& on_line);

  int fd_ = -1;
  std::string line_;
};

}  // namespace muster::agent
