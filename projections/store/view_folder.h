#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"

namespace muster {

/// A folder of disposable views: known by a marker file, held by one process at a time. What is
/// not known to be such a folder is never touched.
class ViewFolder {
 public:
  /// Takes hold of `folder`, which is made if it is missing or empty.
  /// Errors: in_use; invalid_input if something else is in it; failed.
  static Result<std::unique_ptr<ViewFolder>> hold(const std::filesystem::path& folder);

  ViewFolder(const ViewFolder&) = delete;
  ViewFolder& operator=(const ViewFolder&) = delete;
  ~ViewFolder();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return folder_; }

  /// Where the database goes; made by whoever opens it.
  [[nodiscard]] std::filesystem::path database() const { return folder_ / "db"; }

  /// Remembers on disk that the database is not to be used again. Never fails loudly: it is
  /// called on the way to the end of the process.
  void mark_damaged() const noexcept;
  [[nodiscard]] bool damaged() const;

  /// Where rows wait that are folded anew; made by whoever folds.
  [[nodiscard]] std::filesystem::path work() const { return folder_ / "rebuild"; }

  /// Removes the database, the work and the mark.
  [[nodiscard]] Result<void> discard() const;

 private:
  ViewFolder(std::filesystem::path folder, int lock) : folder_(std::move(folder)), lock_(lock) {}

  std::filesystem::path folder_;
  int lock_;  // Open file that carries the lock.
};

}  // namespace muster
