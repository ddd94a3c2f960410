#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace muster::bench {

/// An empty folder that goes away with this.
class ScratchFolder {
 public:
  /// Made inside `parent`; the system's folder for temporary files if that is empty.
  /// Errors: invalid_input, naming the folder.
  [[nodiscard]] static Result<ScratchFolder> make(std::filesystem::path parent);

  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace muster::bench
