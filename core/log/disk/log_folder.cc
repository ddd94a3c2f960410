#include "core/log/disk/log_folder.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <string>
#include <system_error>

#include "core/log/disk/disk_gate.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

Error file_error(std::string_view what, const fs::path& path, const std::error_code& why) {
  return Error{ErrorCode::failed,
               fmt::format("cannot {} {}: {}", what, path.string(), why.message())};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code why;
  if (!fs::create_directories(folder, why) && why) {
    return tl::unexpected(file_error("make the folder", folder, why));
  }
  const fs::path parent = fs::absolute(folder, why).lexically_normal().parent_path();
  return sync_folder(parent.empty() ? fs::path("/") : parent);
}

}  // namespace

Result<LogFolder> LogFolder::open(const fs::path& folder, Access access) {
  std::error_code why;
  const bool exists = fs::exists(folder, why);
  if (exists && !fs::is_directory(folder, why)) {
    return fail(ErrorCode::incompatible,
                fmt::format("{} is not a folder: name the folder of a log", folder.string()));
  }
  if (!exists && access == Access::read) {
    return fail(ErrorCode::invalid_input, fmt::format("there is no log in {}", folder.string()));
  }
  if (!exists) {
    if (auto made = make_folder(folder); !made) {
      return tl::unexpected(std::move(made).error());
    }
  }
  auto opened = PosixFile::open(folder, O_RDONLY | O_DIRECTORY);
  if (!opened) {
    return tl::unexpected(std::move(opened).error());
  }
  auto locked =
      opened->lock(access == Access::read ? PosixFile::Lock::shared : PosixFile::Lock::exclusive);
  if (!locked) {
    return tl::unexpected(std::move(locked).error());
  }
  LogFolder result(*std::move(opened));
  if (auto ours = result.check_content(access); !ours) {
    return tl::unexpected(std::move(ours).error());
  }
  return result;
}

bool LogFolder::has_database() const {
  std::error_code ignored;
  return fs::exists(database(), ignored);
}

Result<void> LogFolder::check_content(Access access) const {
  bool has_ballast = false;
  std::error_code why;
  for (const auto& entry : fs::directory_iterator(path(), why)) {
    const std::string name = entry.path().filename();
    has_ballast = has_ballast || name == DiskGate::ballast_name;
    if (entry.path() != database() && entry.path() != new_database() &&
        name != DiskGate::ballast_name) {
      return fail(ErrorCode::incompatible,
                  fmt::format("{} holds {}, which is no part of a log of Muster: name another "
                              "folder",
                              path().string(), name));
    }
  }
  if (why) {
    return tl::unexpected(file_error("list", path(), why));
  }
  if (has_ballast && !has_database()) {
    return fail(ErrorCode::corrupt,
                fmt::format("{} is missing: restore a backup", database().string()));
  }
  if (!has_database() && access == Access::read) {
    return fail(ErrorCode::invalid_input, fmt::format("there is no log in {}", path().string()));
  }
  return {};
}

Result<fs::path> LogFolder::prepare_new_database() const {
  std::error_code why;
  fs::remove_all(new_database(), why);
  if (why) {
    return tl::unexpected(file_error("remove", new_database(), why));
  }
  if (auto made = make_folder(new_database()); !made) {
    return tl::unexpected(std::move(made).error());
  }
  return new_database();
}

Result<void> LogFolder::commit_new_database() const {
  auto synced = sync_folder(new_database());
  if (!synced) {
    return synced;
  }
  std::error_code why;
  fs::rename(new_database(), database(), why);
  if (why) {
    return tl::unexpected(file_error("rename", new_database(), why));
  }
  return sync_folder(path());
}

}  // namespace muster
