#include "core/log/disk/secret_file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <system_error>

#include "core/base/digest.h"
#include "core/log/disk/posix_file.h"

namespace muster {

namespace fs = std::filesystem;

Result<void> write_secret(const fs::path& file, std::string_view text) {
  fs::path temporary = file;
  temporary += ".new";
  auto out = PosixFile::open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!out) return tl::unexpected(out.error());
  if (auto written = out->write_at(0, as_bytes(text)); !written) return written;
  if (auto synced = out->sync(); !synced) return synced;
  std::error_code failure;
  fs::rename(temporary, file, failure);
  if (failure) {
    return fail(ErrorCode::failed,
                fmt::format("cannot write {}: {}", file.string(), failure.message()));
  }
  return sync_folder(file.parent_path());
}

}  // namespace muster
