#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/log/disk/posix_file.h"
#include "core/log/subject_keys.h"

namespace muster {

/// Keys in one append-only file that only its owner may read: docs/log-format.md.
class FileSubjectKeys final : public SubjectKeys {
 public:
  /// Opens `file`, or makes it; its folder must exist. Cuts off a last record that was torn by a
  /// crash, and logs it: no key is used before its record is whole.
  /// Errors: corrupt if another record is damaged; in_use; failed. Each names the file.
  [[nodiscard]] static Result<std::unique_ptr<FileSubjectKeys>> open(
      const std::filesystem::path& file);

  /// The keys in `file`, which stays as it is: none can be made. Errors: corrupt; in_use; failed.
  [[nodiscard]] static Result<std::unique_ptr<FileSubjectKeys>> open_to_read(
      const std::filesystem::path& file);

  /// Destroys the keys of `users` for good, and makes no new ones for them as long as this lives:
  /// when it returns, no byte of them is in the file. Again: does nothing.
  /// Errors: failed, naming the file.
  [[nodiscard]] Result<void> destroy(const std::vector<UserId>& users);

  /// Everybody who has a key.
  [[nodiscard]] std::vector<UserId> users() const;

  /// Errors: also unavailable for a new key while the file is only read, and failed for a user
  /// whose key was destroyed.
  [[nodiscard]] Result<SealingKey> obtain(UserId user) override;
  [[nodiscard]] std::optional<SealingKey> find(UserId user) const override;

 private:
  FileSubjectKeys(PosixFile file, bool read_only) : read_only_(read_only), file_(std::move(file)) {}

  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> store(UserId user, const SealingKey& key);

  [[nodiscard]] Result<PosixFile> write_anew() const;

  const bool read_only_;
  mutable std::mutex mutex_;
  PosixFile file_;                               // Guarded by mutex_.
  std::size_t records_ = 0;                      // Guarded by mutex_.
  bool broken_ = false;                          // Guarded by mutex_.
  std::unordered_map<UserId, SealingKey> keys_;  // Guarded by mutex_.
  std::unordered_set<UserId> destroyed_;         // Guarded by mutex_.
};

}  // namespace muster
