#pragma once

#include <filesystem>

#include "core/base/error.h"
#include "core/log/disk/posix_file.h"

namespace muster {

/// The folder of a log, locked against other processes for as long as this lives. What is in it:
/// docs/log-format.md.
class LogFolder {
 public:
  enum class Access { read, write };

  /// For writing, a missing folder is made.
  /// Errors: in_use; incompatible if it is not a log's; corrupt if a part is missing;
  /// invalid_input if there is nothing to read; failed.
  [[nodiscard]] static Result<LogFolder> open(const std::filesystem::path& folder, Access access);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return lock_.path(); }

  /// Where the database is, if has_database.
  [[nodiscard]] std::filesystem::path database() const { return path() / "rocks"; }
  [[nodiscard]] bool has_database() const;

  /// Where a new database is to be made first: an empty folder.
  /// Errors: failed.
  [[nodiscard]] Result<std::filesystem::path> prepare_new_database() const;

  /// Puts the finished, closed new database in its place, durably. Errors: failed.
  [[nodiscard]] Result<void> commit_new_database() const;

 private:
  explicit LogFolder(PosixFile lock) : lock_(std::move(lock)) {}

  [[nodiscard]] std::filesystem::path new_database() const { return path() / "rocks.new"; }
  [[nodiscard]] Result<void> check_content(Access access) const;

  PosixFile lock_;
};

}  // namespace muster
