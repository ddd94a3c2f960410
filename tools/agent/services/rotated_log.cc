#include "tools/agent/services/rotated_log.h"

#include <fcntl.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace muster::agent {

RotatedLog::RotatedLog(std::filesystem::path file, std::size_t size_max)
    : file_(std::move(file)), size_max_(size_max) {}

void RotatedLog::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!fd_.is_open()) open();
    if (size_ >= size_max_) {
      auto old = file_;
      old += ".1";
      std::error_code ignored;
      std::filesystem::rename(file_, old, ignored);
      open();
      if (size_ >= size_max_) return;
    }
    const auto part = bytes.substr(0, size_max_ - std::min(size_, size_max_ - 1));
    const auto written = ::write(fd_.get(), part.data(), part.size());
    if (written <= 0) return;
    size_ += static_cast<std::size_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void RotatedLog::open() {
  std::error_code error;
  std::filesystem::create_directories(file_.parent_path(), error);
  fd_ = UniqueFd(::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  const auto size = std::filesystem::file_size(file_, error);
  size_ = error ? 0 : static_cast<std::size_t>(size);
}

}  // namespace muster::agent
