#include "tools/audit/source/folder_source.h"

#include <fmt/format.h>

#include <system_error>

#include "tools/audit/source/files.h"

namespace muster::audit {
namespace {

namespace fs = std::filesystem;

}  // namespace

bool FolderSource::is_one(const fs::path& folder) {
  std::error_code ignored;
  return fs::is_regular_file(folder / checkpoint_name, ignored) &&
         fs::is_directory(folder / "tile", ignored);
}

Result<std::optional<std::string>> FolderSource::checkpoint() {
  return read_file(folder_ / checkpoint_name);
}

Result<std::optional<std::string>> FolderSource::key() { return read_line(folder_ / key_name); }

Result<Entries> FolderSource::entries(std::uint64_t index, std::uint32_t width) {
  TileId id{.kind = TileId::Kind::entries, .index = index, .width = width};
  auto bundle = read_file(folder_ / path_of(id));
  if (!bundle) return tl::unexpected(bundle.error());
  if (!*bundle && !id.full()) {
    id.width = tile_width;  // It may have been filled since.
    bundle = read_file(folder_ / path_of(id));
    if (!bundle) return tl::unexpected(bundle.error());
  }
  if (*bundle) return entries_of(std::move(**bundle), width);
  Entries none;
  none.records.resize(width);
  return none;
}

Result<std::optional<TileHashes>> FolderSource::tile(const TileId& id) {
  const auto bytes = read_file(folder_ / path_of(id));
  if (!bytes) return tl::unexpected(bytes.error());
  if (!*bytes) return std::nullopt;
  return tile_from_bytes(**bytes, id.width).map([](TileHashes hashes) {
    return std::optional(std::move(hashes));
  });
}

std::unique_ptr<LogSource> FolderSource::another() const {
  return std::make_unique<FolderSource>(folder_);
}

}  // namespace muster::audit
