#include "tools/agent/hook/line_reader.h"

#include <unistd.h>

#include <array>

namespace muster::agent {
namespace {

constexpr std::size_t line_length_max = 4096;
constexpr int blocks_max = 64;

}  // namespace

void LineReader::read(const std::function<void(std::string_view)>& on_line) {
  std::array<char, 4096> block{};
  for (int i = 0; i < blocks_max && fd_ >= 0; ++i) {
    const auto count = ::read(fd_, block.data(), block.size());
    if (count < 0) return;
    if (count == 0) {
      fd_ = -1;
      if (!line_.empty()) on_line(line_);
      return;
    }
    take({block.data(), static_cast<std::size_t>(count)}, on_line);
  }
}

void LineReader::take(std::string_view bytes,
                      const std::function<void(std::string_view)>& on_line) {
  for (const char c : bytes) {
    if (c == '\n') {
      on_line(line_);
      line_.clear();
    } else if (line_.size() < line_length_max) {
      line_.push_back(c);
    }
  }
}

}  // namespace muster::agent
