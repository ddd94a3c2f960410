#include "tools/bench/support/synced_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace muster::bench {

Result<SyncedFile> SyncedFile::create(const std::filesystem::path& path) {
  UniqueFd file(::open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    return fail(ErrorCode::failed,
                fmt::format("cannot make {}: {}", path.string(), std::strerror(errno)));
  }
  return SyncedFile(std::move(file));
}

Result<std::chrono::nanoseconds> SyncedFile::write(std::size_t bytes) {
  if (content_.size() < bytes) content_.resize(bytes, 'm');
  const auto began = std::chrono::steady_clock::now();
  const auto written = ::write(file_.get(), content_.data(), bytes);
  if (written != static_cast<ssize_t>(bytes) || ::fdatasync(file_.get()) != 0) {
    return fail(ErrorCode::failed, fmt::format("cannot write durably: {}", std::strerror(errno)));
  }
  return std::chrono::steady_clock::now() - began;
}

}  // namespace muster::bench
