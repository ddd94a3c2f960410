#include "tools/agent/support/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace muster::agent {
namespace {

tl::unexpected<Error> failed(std::string_view what, const std::filesystem::path& file) {
  const int reason = errno;
  return fail(ErrorCode::failed,
              fmt::format("cannot {} {}: {}", what, file.string(), std::strerror(reason)));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file) {
  const std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in || in.bad() || std::filesystem::is_directory(file)) return failed("read", file);
  return text.str();
}

Result<void> replace_file(const std::filesystem::path& file, std::string_view text) {
  auto temporary = file;
  temporary += ".new";
  const UniqueFd out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!out.is_open()) return failed("create", temporary);
  if (!write_all(out.get(), text)) return failed("write", temporary);
  if (::fsync(out.get()) != 0) return failed("sync", temporary);
  if (::rename(temporary.c_str(), file.c_str()) != 0) return failed("replace", file);
  return sync_folder(file.parent_path());
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open() || ::fsync(fd.get()) != 0) return failed("sync", folder);
  return {};
}

Result<UniqueFd> lock_folder(const std::filesystem::path& folder) {
  const auto file = folder / "agent.lock";
  UniqueFd lock(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) return failed("create", file);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return failed("lock", file);
  return fail(ErrorCode::in_use,
              fmt::format("another agent is using {}: stop it first, or choose another folder",
                          folder.string()));
}

}  // namespace muster::agent
