#include "tools/store/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "core/base/random.h"

namespace muster {

namespace fs = std::filesystem;

namespace {

constexpr const char* lock_name = "LOCK";
constexpr const char* restoring_name = "restoring";     // There while a restore is not finished.
constexpr const char* unmarked_name = "restoring.new";  // Left by a restore killed as it began.

Error folder_error(const fs::path& root, const std::error_code& why) {
  return Error{ErrorCode::failed,
               fmt::format("cannot make the data folder {}: {}", root.string(), why.message())};
}

Result<void> make_folders(const fs::path& root) {
  std::error_code failure;
  const bool is_new = fs::create_directories(root, failure);
  if (!failure && is_new) fs::permissions(root, fs::perms::owner_all, failure);
  if (!failure) fs::create_directories(root / "keys", failure);
  if (!failure) fs::permissions(root / "keys", fs::perms::owner_all, failure);
  if (failure) return tl::unexpected(folder_error(root, failure));
  return {};
}

Result<PosixFile> lock_folder(const fs::path& root) {
  auto lock = PosixFile::open(root / lock_name, O_RDWR | O_CREAT, 0600);
  if (!lock) return lock;
  if (const auto locked = lock->lock(PosixFile::Lock::exclusive); !locked) {
    if (locked.error().code != ErrorCode::in_use) return tl::unexpected(locked.error());
    return fail(ErrorCode::in_use,
                fmt::format("another muster serve uses the data folder {}: stop that one first, "
                            "or give another --data",
                            root.string()));
  }
  return lock;
}

/// Nothing but what is about to be restored may be in a folder that is restored into.
Result<void> check_empty(const fs::path& root) {
  std::error_code failure;
  if (fs::exists(root / restoring_name, failure)) return {};
  for (const auto& entry : fs::directory_iterator(root, failure)) {
    const std::string name = entry.path().filename();
    if (name == lock_name || name == unmarked_name) continue;
    if (name == "keys" && fs::is_empty(entry.path())) continue;
    return fail(ErrorCode::invalid_input,
                fmt::format("{} is not empty, it has {}: restore into an empty folder, and never "
                            "over what a server used",
                            root.string(), name));
  }
  return {};
}

Result<void> remove_remains(const fs::path& root) {
  std::error_code failure;
  std::vector<fs::path> remains;
  for (const auto& entry : fs::directory_iterator(root, failure)) {
    const std::string name = entry.path().filename();
    if (name != lock_name && name != restoring_name) remains.push_back(entry.path());
  }
  for (const fs::path& path : remains) {
    if (!failure) fs::remove_all(path, failure);
  }
  if (failure) return tl::unexpected(folder_error(root, failure));
  return make_folders(root);
}

}  // namespace

Result<DataFolder> DataFolder::open(const fs::path& root) {
  std::error_code ignored;
  if (fs::exists(root / restoring_name, ignored)) {
    return fail(ErrorCode::incompatible,
                fmt::format("a restore into {} was not finished: run the same `muster backup "
                            "restore` again",
                            root.string()));
  }
  if (auto made = make_folders(root); !made) return tl::unexpected(std::move(made).error());
  auto lock = lock_folder(root);
  if (!lock) return tl::unexpected(std::move(lock).error());
  return DataFolder(root, *std::move(lock));
}

Result<DataFolder> DataFolder::open_to_restore(const fs::path& root) {
  std::error_code failure;
  const bool is_new = fs::create_directories(root, failure);
  if (!failure && is_new) fs::permissions(root, fs::perms::owner_all, failure);
  if (failure) return tl::unexpected(folder_error(root, failure));
  if (auto empty = check_empty(root); !empty) return tl::unexpected(std::move(empty).error());
  auto lock = lock_folder(root);
  if (!lock) return tl::unexpected(std::move(lock).error());
  if (auto marked = write_secret(root / restoring_name, ""); !marked) {
    return tl::unexpected(std::move(marked).error());
  }
  if (auto removed = remove_remains(root); !removed) {
    return tl::unexpected(std::move(removed).error());
  }
  return DataFolder(root, *std::move(lock));
}

Result<void> DataFolder::restored() const {
  std::error_code failure;
  fs::remove(root_ / restoring_name, failure);
  if (failure) return tl::unexpected(folder_error(root_, failure));
  return sync_folder(root_);
}

Result<Digest> load_or_make_secret(const fs::path& file) {
  Digest secret{};
  if (!fs::exists(file)) {
    fill_random(secret);
    if (auto written = write_secret(file, as_text(secret)); !written) {
      return tl::unexpected(written.error());
    }
    return secret;
  }
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  const auto content = in->read_all();
  if (!content) return tl::unexpected(content.error());
  if (content->size() != secret.size()) {
    return fail(ErrorCode::corrupt,
                fmt::format("{} is damaged: it has {} bytes, not {}; put back the original",
                            file.string(), content->size(), secret.size()));
  }
  std::ranges::copy(as_bytes(*content), secret.begin());
  return secret;
}

}  // namespace muster
