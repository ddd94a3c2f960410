#include "core/log/disk/disk_gate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "core/base/log.h"
#include "core/log/disk/posix_file.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr unsigned owner_only = 0600;

std::uint64_t mebibytes(std::uint64_t bytes) { return bytes >> 20U; }

}  // namespace

Result<std::uint64_t> DiskGate::free_bytes_of(const fs::path& folder) {
  struct statvfs found{};
  if (::statvfs(folder.c_str(), &found) != 0) {
    return tl::unexpected(last_system_error("find the free space of", folder));
  }
  return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
}

Result<void> DiskGate::place_ballast() {
  const fs::path path = folder_ / ballast_name;
  std::error_code ignored;
  if (options_.ballast_bytes == 0 || fs::exists(path, ignored)) {
    return {};
  }
  const auto free = options_.free_bytes(folder_);
  if (!free) {
    return tl::unexpected(free.error());
  }
  if (*free < options_.free_bytes_min + options_.ballast_bytes) {
    log_warn("no room for the ballast file: file={} free_mib={} needed_mib={}", path.string(),
             mebibytes(*free), mebibytes(options_.free_bytes_min + options_.ballast_bytes));
    return {};
  }
  auto ballast = PosixFile::open(path, O_RDWR | O_CREAT, owner_only);
  if (!ballast) {
    return tl::unexpected(std::move(ballast).error());
  }
  const auto size = static_cast<off_t>(options_.ballast_bytes);
  if (const int why = ::posix_fallocate(ballast->descriptor(), 0, size); why != 0) {
    fs::remove(path, ignored);
    errno = why;
    return tl::unexpected(last_system_error("reserve space for", path));
  }
  return {};
}

Result<void> DiskGate::writable() const {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_look_) {
    last_ = look();
    next_look_ = now + options_.check_every;
  }
  return last_;
}

Result<void> DiskGate::look() const {
  const auto free = options_.free_bytes(folder_);
  if (!free) {
    return fail(ErrorCode::unavailable, free.error().message);
  }
  if (*free >= options_.free_bytes_min) {
    return {};
  }
  return fail(ErrorCode::unavailable,
              fmt::format("the disk of {} has {} MiB free and must have {} MiB: free some space; "
                          "in an emergency delete {}",
                          folder_.string(), mebibytes(*free), mebibytes(options_.free_bytes_min),
                          (folder_ / ballast_name).string()));
}

}  // namespace muster
