#pragma once

#include <filesystem>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "projections/store/row_queue.h"

namespace muster {

/// Tables of rows in files, as ViewStore::add_rows takes them, written by a thread of their own
/// while rows still come. One thread uses it.
class SortedFiles {
 public:
  /// In `folder`, which must exist.
  explicit SortedFiles(std::filesystem::path folder);
  SortedFiles(const SortedFiles&) = delete;
  SortedFiles& operator=(const SortedFiles&) = delete;
  ~SortedFiles();  // Waits until what was added is written.

  /// Adds a row, behind those before. Errors: failed, also of one added earlier.
  [[nodiscard]] Result<void> add(std::string_view key, std::string_view value);

  /// The files, in the order of their rows; there is none if there are no rows. Errors: failed.
  [[nodiscard]] Result<std::vector<std::filesystem::path>> finish();

 private:
  [[nodiscard]] Result<void> write_all();
  [[nodiscard]] Result<void> write_file(const std::filesystem::path& path);
  [[nodiscard]] Result<void> await_outcome();

  const std::filesystem::path folder_;
  RowQueue queue_;
  std::vector<std::filesystem::path> files_;  // Of the thread, until it is awaited; as `outcome_`.
  Result<void> outcome_;
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
