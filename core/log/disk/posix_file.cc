#include "core/log/disk/posix_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace muster {
namespace {

constexpr std::size_t read_size = 65'536;

}  // namespace

Error last_system_error(std::string_view what, const std::filesystem::path& path) {
  const std::error_code why(errno, std::generic_category());
  return Error{ErrorCode::failed,
               fmt::format("cannot {} {}: {}", what, path.string(), why.message())};
}

PosixFile& PosixFile::operator=(PosixFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

PosixFile::~PosixFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

Result<PosixFile> PosixFile::open(const std::filesystem::path& path, int flags, unsigned mode) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (descriptor < 0) {
    return tl::unexpected(last_system_error("open", path));
  }
  return PosixFile(descriptor, path);
}

Result<void> PosixFile::write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const auto written =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return tl::unexpected(last_system_error("write to", path_));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<std::string> PosixFile::read_all() const {
  std::string content;
  std::array<char, read_size> part{};
  for (;;) {
    const auto read =
        ::pread(descriptor_, part.data(), part.size(), static_cast<off_t>(content.size()));
    if (read < 0 && errno == EINTR) {
      continue;
    }
    if (read < 0) {
      return tl::unexpected(last_system_error("read", path_));
    }
    if (read == 0) {
      return content;
    }
    content.append(part.data(), static_cast<std::size_t>(read));
  }
}

Result<void> PosixFile::sync() {
  if (::fsync(descriptor_) != 0) {
    return tl::unexpected(last_system_error("sync", path_));
  }
  return {};
}

Result<void> PosixFile::resize(std::uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) {
    return tl::unexpected(last_system_error("resize", path_));
  }
  return {};
}

Result<void> PosixFile::lock(Lock kind) {
  const int operation = (kind == Lock::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  if (::flock(descriptor_, operation) == 0) {
    return {};
  }
  if (errno == EWOULDBLOCK) {
    return fail(
        ErrorCode::in_use,
        fmt::format("{} is in use by another process: stop that one first", path_.string()));
  }
  return tl::unexpected(last_system_error("lock", path_));
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  auto opened = PosixFile::open(folder, O_RDONLY | O_DIRECTORY);
  if (!opened) {
    return tl::unexpected(std::move(opened).error());
  }
  return opened->sync();
}

}  // namespace muster
