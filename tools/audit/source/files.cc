#include "tools/audit/source/files.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "core/base/digest.h"
#include "core/log/disk/posix_file.h"

namespace muster::audit {
namespace {

namespace fs = std::filesystem;

constexpr unsigned readable_by_all = 0644;

tl::unexpected<Error> cannot(std::string_view what, const fs::path& path,
                             const std::error_code& why) {
  return fail(ErrorCode::failed,
              fmt::format("cannot {} {}: {}", what, path.string(), why.message()));
}

}  // namespace

Result<std::optional<std::string>> read_file(const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  return in->read_all().map([](std::string text) { return std::optional(std::move(text)); });
}

Result<std::optional<std::string>> read_line(const fs::path& file) {
  auto text = read_file(file);
  if (text && *text && (*text)->ends_with('\n')) (*text)->pop_back();
  return text;
}

Result<void> write_file(const fs::path& file, std::string_view content) {
  std::error_code why;
  fs::create_directories(file.parent_path(), why);
  if (why) return cannot("make the folder", file.parent_path(), why);
  fs::path temporary = file;
  temporary += ".new";
  auto out = PosixFile::open(temporary, O_WRONLY | O_CREAT | O_TRUNC, readable_by_all);
  if (!out) return tl::unexpected(out.error());
  if (auto written = out->write_at(0, as_bytes(content)); !written) return written;
  if (auto synced = out->sync(); !synced) return synced;
  fs::rename(temporary, file, why);
  if (why) return cannot("write", file, why);
  return {};
}

}  // namespace muster::audit
