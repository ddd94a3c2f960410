#include "tools/server/api/commands/line_splitter.h"

#include <algorithm>

namespace muster {

void LineSplitter::feed(std::string_view part) {
  buffer_.erase(0, begin_);
  scanned_ -= begin_;
  begin_ = 0;
  buffer_.append(part);
}

void LineSplitter::end(bool complete) {
  if (!complete) {
    const auto last = buffer_.rfind('\n');
    buffer_.resize(last == std::string::npos || last < begin_ ? begin_ : last + 1);
    scanned_ = std::min(scanned_, buffer_.size());
  } else if (held() > 0 || skipping_) {
    buffer_.push_back('\n');
  }
}

std::optional<LineSplitter::Line> LineSplitter::next() {
  while (true) {
    const auto feed_at = buffer_.find('\n', scanned_);
    if (feed_at == std::string::npos) {
      scanned_ = buffer_.size();
      if (held() > bytes_max_) {
        skipping_ = true;
        begin_ = scanned_;
      }
      return std::nullopt;
    }
    const auto line = std::string_view(buffer_).substr(begin_, feed_at - begin_);
    const bool too_long = skipping_ || line.size() > bytes_max_;
    begin_ = scanned_ = feed_at + 1;
    skipping_ = false;
    const std::uint64_t number = number_++;
    if (too_long) return Line{.number = number, .text = {}, .too_long = true};
    const auto text = line.substr(0, line.find_last_not_of(" \t\r") + 1);
    if (!text.empty()) return Line{.number = number, .text = text};
  }
}

}  // namespace muster
