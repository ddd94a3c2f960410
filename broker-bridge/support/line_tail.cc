#include "broker-bridge/support/line_tail.h"

#include <utility>

namespace muster {
namespace {

constexpr std::size_t line_bytes_max = 1024;

}  // namespace

LineTail::LineTail(std::size_t lines_max, std::function<void(std::string_view)> on_line)
    : lines_max_(lines_max), on_line_(std::move(on_line)) {}

void LineTail::append(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      end_line();
    } else if (current_.size() < line_bytes_max) {
      // Clients choose some of what is logged: no terminal sequences from them.
      const bool is_control = static_cast<unsigned char>(c) < ' ' || c == '\x7f';
      current_.push_back(is_control ? '?' : c);
    }
  }
}

void LineTail::end_line() {
  if (current_.empty()) {
    return;
  }
  on_line_(current_);
  lines_.push_back(std::exchange(current_, {}));
  if (lines_.size() > lines_max_) {
    lines_.pop_front();
  }
}

std::string LineTail::text() const {
  std::string joined;
  for (const std::string& line : lines_) {
    joined += line;
    joined += "; ";
  }
  joined += current_;
  if (joined.ends_with("; ")) {
    joined.resize(joined.size() - 2);
  }
  return joined;
}

}  // namespace muster
