#include "broker-bridge/support/open_files.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace muster {

Result<void> allow_open_files(std::size_t files) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return fail(ErrorCode::failed,
                fmt::format("cannot read the limit of open files: {}", std::strerror(errno)));
  }
  if (limit.rlim_cur >= files) return {};
  if (limit.rlim_max < files) {
    return fail(ErrorCode::failed,
                fmt::format("{} files and sockets would be open at once, and the hard limit is {}: "
                            "raise it (`ulimit -Hn`, LimitNOFILE= of systemd) or use fewer",
                            files, limit.rlim_max));
  }
  limit.rlim_cur = files;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return fail(ErrorCode::failed,
              fmt::format("cannot raise the limit of open files: {}", std::strerror(errno)));
}

void allow_most_open_files() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace muster
