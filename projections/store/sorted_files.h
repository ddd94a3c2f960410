#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace muster {

/// Tables of rows in files, as ViewStore::add_rows takes them, written on threads. One thread uses
/// it.
class SortedFiles {
 public:
  /// In `folder`, which must exist; at most `threads` files are written at a time.
  SortedFiles(std::filesystem::path folder, std::size_t threads);
  SortedFiles(const SortedFiles&) = delete;
  SortedFiles& operator=(const SortedFiles&) = delete;
  ~SortedFiles();

  /// Adds a row, behind those before. Errors: failed, also of one added earlier.
  [[nodiscard]] Result<void> add(std::string_view key, std::string_view value);

  /// The files, in the order of their rows; there is none if there are no rows. Errors: failed.
  [[nodiscard]] Result<std::vector<std::filesystem::path>> finish();

 private:
  struct Rows;  // Of one file.

  [[nodiscard]] Result<void> begin_file();
  [[nodiscard]] Result<void> await_first();

  const std::filesystem::path folder_;
  const std::size_t threads_;
  std::unique_ptr<Rows> rows_;
  std::vector<std::filesystem::path> files_;
  std::deque<std::future<Result<void>>> writing_;
};

}  // namespace muster
