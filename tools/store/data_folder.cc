#include "tools/server/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "core/base/random.h"

namespace muster {

namespace fs = std::filesystem;

Result<DataFolder> DataFolder::open(const fs::path& root) {
  std::error_code failure;
  const bool is_new = fs::create_directories(root, failure);
  if (!failure && is_new) fs::permissions(root, fs::perms::owner_all, failure);
  if (!failure) fs::create_directories(root / "keys", failure);
  if (!failure) fs::permissions(root / "keys", fs::perms::owner_all, failure);
  if (failure) {
    return fail(ErrorCode::failed, fmt::format("cannot make the data folder {}: {}", root.string(),
                                               failure.message()));
  }
  auto lock = PosixFile::open(root / "LOCK", O_RDWR | O_CREAT, 0600);
  if (!lock) return tl::unexpected(lock.error());
  if (const auto locked = lock->lock(PosixFile::Lock::exclusive); !locked) {
    if (locked.error().code != ErrorCode::in_use) return tl::unexpected(locked.error());
    return fail(ErrorCode::in_use,
                fmt::format("another muster serve uses the data folder {}: stop that one first, "
                            "or give another --data",
                            root.string()));
  }
  return DataFolder(root, std::move(*lock));
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
