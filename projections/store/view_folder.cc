#include "projections/store/view_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view marker_name = "MUSTER-VIEWS";
constexpr std::string_view marker_text =
    "Views of a Muster log. Everything here is made again from the log when it is missing:\n"
    "this folder may be deleted while the server is stopped.\n";
constexpr std::string_view damaged_name = "DAMAGED";

tl::unexpected<Error> refused(const fs::path& path, std::string_view what,
                              const std::error_code& why) {
  return fail(ErrorCode::failed, fmt::format("{}: {}: {}", path.string(), what, why.message()));
}

std::error_code last_error() { return {errno, std::generic_category()}; }

/// Whether nobody else can have put anything of value into `folder`.
Result<void> check_ours(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / marker_name, error)) return {};
  const bool empty = fs::is_empty(folder, error);
  if (error) return refused(folder, "cannot be read", error);
  if (empty) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("{} is not a folder of views (it has no {} and is not empty); "
                          "name another folder, or move away what is in it",
                          folder.string(), marker_name));
}

Result<void> write_marker(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / marker_name, error)) return {};
  std::ofstream file(folder / marker_name);
  file << marker_text << std::flush;
  if (!file) return refused(folder / marker_name, "cannot be written", last_error());
  return {};
}

Result<int> take_lock(const fs::path& folder) {
  const auto path = folder / marker_name;
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(path, "cannot be opened", last_error());
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  const std::error_code error = last_error();
  ::close(file);
  if (error != std::errc::operation_would_block) return refused(path, "cannot be locked", error);
  return fail(ErrorCode::in_use,
              fmt::format("{} is held by another process; stop that one first", folder.string()));
}

}  // namespace

Result<std::unique_ptr<ViewFolder>> ViewFolder::hold(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return refused(folder, "cannot be made", error);
  return check_ours(folder)
      .and_then([&] { return write_marker(folder); })
      .and_then([&] { return take_lock(folder); })
      .map([&](int lock) { return std::unique_ptr<ViewFolder>(new ViewFolder(folder, lock)); });
}

ViewFolder::~ViewFolder() { ::close(lock_); }

void ViewFolder::mark_damaged() const noexcept {
  const int file =
      ::open((folder_ / damaged_name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file >= 0) ::close(file);
}

bool ViewFolder::damaged() const {
  std::error_code error;
  return fs::exists(folder_ / damaged_name, error);
}

Result<void> ViewFolder::discard() const {
  std::error_code error;
  for (const fs::path& path : {database(), work(), folder_ / damaged_name}) {
    fs::remove_all(path, error);
    if (error) return refused(path, "cannot be removed", error);
  }
  return {};
}

}  // namespace muster
