#include "tools/bench/support/scratch_folder.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

namespace muster::bench {

namespace fs = std::filesystem;

Result<ScratchFolder> ScratchFolder::make(fs::path parent) {
  std::error_code error;
  if (parent.empty()) parent = fs::temp_directory_path(error);
  if (error) {
    return fail(ErrorCode::invalid_input,
                fmt::format("there is no folder for temporary files: {}", error.message()));
  }
  std::string pattern = parent / "muster-bench-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) {
    return fail(ErrorCode::invalid_input,
                fmt::format("cannot make a folder in {}: {}; name one that exists and is yours "
                            "to write",
                            parent.string(), std::strerror(errno)));
  }
  return ScratchFolder(fs::absolute(pattern));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace muster::bench
