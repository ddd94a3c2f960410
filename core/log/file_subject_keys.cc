#include "core/log/file_subject_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/log/disk/secret_file.h"
#include "core/log/record/crc32c.h"

namespace muster {
namespace {

constexpr std::string_view magic = "MSK1";
constexpr std::size_t user_at = 4;
constexpr std::size_t key_at = 8;
constexpr std::size_t crc_at = 44;
constexpr std::size_t record_size = 48;
constexpr unsigned owner_only = 0600;

std::string to_record(UserId user, const SealingKey& key) {
  std::string record(magic);
  append_big_endian(record, user.value());
  record.append(as_text(key));
  append_big_endian(record, std::uint32_t{0});
  append_big_endian(record, crc32c(record));
  return record;
}

bool whole(std::string_view record) {
  return record.size() == record_size && record.starts_with(magic) &&
         read_big_endian<std::uint32_t>(record.substr(crc_at)) == crc32c(record.substr(0, crc_at));
}

}  // namespace

Result<std::unique_ptr<FileSubjectKeys>> FileSubjectKeys::open(const std::filesystem::path& file) {
  auto opened = PosixFile::open(file, O_RDWR | O_CREAT, owner_only);
  if (!opened) {
    return tl::unexpected(std::move(opened).error());
  }
  if (::fchmod(opened->descriptor(), owner_only) != 0) {
    return tl::unexpected(last_system_error("restrict the access to", file));
  }
  if (auto locked = opened->lock(PosixFile::Lock::exclusive); !locked) {
    return tl::unexpected(std::move(locked).error());
  }
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (auto synced = sync_folder(folder); !synced) {
    return tl::unexpected(std::move(synced).error());
  }
  std::unique_ptr<FileSubjectKeys> keys(new FileSubjectKeys(*std::move(opened), false));
  if (auto loaded = keys->load(); !loaded) {
    return tl::unexpected(std::move(loaded).error());
  }
  return keys;
}

Result<std::unique_ptr<FileSubjectKeys>> FileSubjectKeys::open_to_read(
    const std::filesystem::path& file) {
  auto opened = PosixFile::open(file, O_RDONLY);
  if (!opened) {
    return tl::unexpected(std::move(opened).error());
  }
  if (auto locked = opened->lock(PosixFile::Lock::shared); !locked) {
    return tl::unexpected(std::move(locked).error());
  }
  std::unique_ptr<FileSubjectKeys> keys(new FileSubjectKeys(*std::move(opened), true));
  if (auto loaded = keys->load(); !loaded) {
    return tl::unexpected(std::move(loaded).error());
  }
  return keys;
}

Result<void> FileSubjectKeys::load() {
  const auto content = file_.read_all();
  if (!content) {
    return tl::unexpected(content.error());
  }
  const std::string_view bytes = *content;
  for (std::size_t at = 0; at < bytes.size(); at += record_size) {
    const std::string_view record = bytes.substr(at, record_size);
    const bool last = at + record_size >= bytes.size();
    if (!whole(record)) {
      if (!last) {
        return fail(ErrorCode::corrupt,
                    fmt::format("{} is damaged at byte {}: restore it from a copy",
                                file_.path().string(), at));
      }
      if (read_only_) {
        return {};
      }
      log_warn("torn last key cut off: file={} at={}", file_.path().string(), at);
      return file_.resize(at).and_then([this] { return file_.sync(); });
    }
    const UserId user(read_big_endian<std::uint32_t>(record.substr(user_at)));
    SealingKey key{};
    std::memcpy(key.data(), record.substr(key_at).data(), key.size());
    if (!keys_.emplace(user, key).second) {
      return fail(ErrorCode::corrupt,
                  fmt::format("{} has two keys of user {}: restore it from a copy",
                              file_.path().string(), user.value()));
    }
    ++records_;
  }
  return {};
}

Result<SealingKey> FileSubjectKeys::obtain(UserId user) {
  const std::lock_guard lock(mutex_);
  if (const auto found = keys_.find(user); found != keys_.end()) {
    return found->second;
  }
  if (read_only_) {
    return fail(ErrorCode::unavailable,
                fmt::format("{} is open for reading only", file_.path().string()));
  }
  if (destroyed_.contains(user)) {
    return fail(ErrorCode::failed,
                fmt::format("user {} was erased: no new key is made", user.value()));
  }
  SealingKey key{};
  fill_random(key);
  if (auto stored = store(user, key); !stored) {
    return tl::unexpected(std::move(stored).error());
  }
  keys_.emplace(user, key);
  return key;
}

Result<void> FileSubjectKeys::store(UserId user, const SealingKey& key) {
  if (broken_) {
    return fail(ErrorCode::failed, fmt::format("{} could not be written before: start Muster anew",
                                               file_.path().string()));
  }
  auto stored =
      file_.write_at(records_ * record_size, as_bytes(to_record(user, key))).and_then([this] {
        return file_.sync();
      });
  broken_ = !stored;
  if (stored) {
    ++records_;
  }
  return stored;
}

std::vector<UserId> FileSubjectKeys::users() const {
  const std::lock_guard lock(mutex_);
  std::vector<UserId> all;
  all.reserve(keys_.size());
  for (const auto& [user, key] : keys_) all.push_back(user);
  return all;
}

/// The keys that are left, in a file of their own that takes the place of the old one.
Result<PosixFile> FileSubjectKeys::write_anew() const {
  std::string content;
  for (const auto& [user, key] : keys_) content.append(to_record(user, key));
  if (auto written = write_secret(file_.path(), content); !written) {
    return tl::unexpected(std::move(written).error());
  }
  auto opened = PosixFile::open(file_.path(), O_RDWR);
  if (!opened) return opened;
  if (auto locked = opened->lock(PosixFile::Lock::exclusive); !locked) {
    return tl::unexpected(std::move(locked).error());
  }
  return opened;
}

Result<void> FileSubjectKeys::destroy(const std::vector<UserId>& users) {
  const std::lock_guard lock(mutex_);
  destroyed_.insert(users.begin(), users.end());
  const std::size_t before = keys_.size();
  for (const UserId user : users) keys_.erase(user);
  if (keys_.size() == before) return {};
  const std::size_t old_bytes = records_ * record_size;
  auto anew = write_anew();
  if (!anew) {
    broken_ = true;
    return tl::unexpected(std::move(anew).error());
  }
  PosixFile old = std::exchange(file_, *std::move(anew));
  records_ = keys_.size();
  // The old file has no name any more; its bytes would stay on the disk until it is used again.
  return old.write_at(0, as_bytes(std::string(old_bytes, '\0'))).and_then([&] {
    return old.sync();
  });
}

std::optional<SealingKey> FileSubjectKeys::find(UserId user) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(user);
  return found == keys_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace muster
