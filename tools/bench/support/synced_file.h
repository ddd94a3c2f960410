#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"

namespace muster::bench {

/// What durability costs at least: a file that grows by writes, each followed by fdatasync.
class SyncedFile {
 public:
  /// Errors: failed, naming the file.
  [[nodiscard]] static Result<SyncedFile> create(const std::filesystem::path& path);

  /// Appends `bytes` bytes and syncs them. Returns how long that took. Errors: failed.
  [[nodiscard]] Result<std::chrono::nanoseconds> write(std::size_t bytes);

 private:
  explicit SyncedFile(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
  std::string content_;
};

}  // namespace muster::bench
