#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace muster {

/// An open file or folder; closed with its last owner.
class PosixFile {
 public:
  PosixFile() = default;
  PosixFile(PosixFile&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  PosixFile& operator=(PosixFile&& other) noexcept;
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;
  ~PosixFile();

  /// As open(2); `flags` are O_…, a child process does not inherit it. Errors: failed.
  [[nodiscard]] static Result<PosixFile> open(const std::filesystem::path& path, int flags,
                                              unsigned mode = 0);

  /// Writes all of `bytes` at `offset`. Errors: failed.
  [[nodiscard]] Result<void> write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes);

  /// The whole content. Errors: failed.
  [[nodiscard]] Result<std::string> read_all() const;

  /// After this what was written survives a power cut. An error must never be answered by trying
  /// again: the system forgets what it could not write. Errors: failed.
  [[nodiscard]] Result<void> sync();

  /// Errors: failed.
  [[nodiscard]] Result<void> resize(std::uint64_t size);

  /// Keeps other processes from having the same lock while this is open; a shared one lets in
  /// other shared ones. Does not wait. Errors: in_use; failed.
  enum class Lock { shared, exclusive };
  [[nodiscard]] Result<void> lock(Lock kind);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  PosixFile(int descriptor, std::filesystem::path path)
      : descriptor_(descriptor), path_(std::move(path)) {}

  int descriptor_ = -1;
  std::filesystem::path path_;
};

/// `cannot <what> <path>: <why the last system call failed>`
[[nodiscard]] Error last_system_error(std::string_view what, const std::filesystem::path& path);

/// Makes the names in `folder` survive a power cut. Errors: failed.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

}  // namespace muster
