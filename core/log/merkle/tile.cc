#include "core/log/merkle/tile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace muster {
namespace {

constexpr std::uint32_t levels = 64 / tile_height;
constexpr std::uint64_t group = 1000;             // Three digits of an index make a folder.
constexpr std::uint64_t index_max = 1ULL << 56U;  // Of tiles in trees of 2^64 leaves.
constexpr std::size_t group_digits = 3;
constexpr std::string_view prefix = "tile/";
constexpr std::string_view entries_name = "entries";
constexpr std::string_view partial_mark = ".p/";

/// Digits only, without a needless zero in front.
std::optional<std::uint32_t> plain_number(std::string_view text, std::uint32_t max) {
  std::uint32_t value = 0;
  const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool plain = !text.empty() && (text.front() != '0' || text.size() == 1);
  const bool whole = stopped == text.data() + text.size() && error == std::errc{};
  if (!plain || !whole || value > max) return std::nullopt;
  return value;
}

bool is_group(std::string_view text) {
  return text.size() == group_digits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// `x001/x234/067`
std::optional<std::uint64_t> parse_index(std::string_view text) {
  std::uint64_t index = 0;
  bool first = true;
  for (;;) {
    const auto slash = text.find('/');
    const bool last = slash == std::string_view::npos;
    std::string_view part = text.substr(0, slash);
    if (!last) {
      if (!part.starts_with('x')) return std::nullopt;
      part.remove_prefix(1);
    }
    if (!is_group(part) || (first && !last && part == "000")) return std::nullopt;
    std::uint64_t digits = 0;
    std::from_chars(part.data(), part.data() + part.size(), digits);
    index = index * group + digits;
    if (index >= index_max) return std::nullopt;
    if (last) return index;
    first = false;
    text.remove_prefix(slash + 1);
  }
}

std::string index_text(std::uint64_t index) {
  std::string text = fmt::format("{:03}", index % group);
  for (index /= group; index > 0; index /= group) {
    text.insert(0, fmt::format("x{:03}/", index % group));
  }
  return text;
}

}  // namespace

bool has_tile(std::uint64_t size, const TileId& id) noexcept {
  const std::uint64_t hashes = hashes_of_level(size, id.level);
  return id.width >= 1 && id.width <= tile_width && id.index < index_max &&
         id.index * tile_width + id.width <= hashes;
}

std::uint32_t width_at(std::uint64_t size, std::uint32_t level, std::uint64_t index) noexcept {
  const std::uint64_t hashes = hashes_of_level(size, level);
  const std::uint64_t before = index * tile_width;
  return before >= hashes
             ? 0
             : static_cast<std::uint32_t>(std::min<std::uint64_t>(tile_width, hashes - before));
}

std::string path_of(const TileId& id) {
  std::string path(prefix);
  path += id.kind == TileId::Kind::entries ? std::string(entries_name) : fmt::to_string(id.level);
  path += fmt::format("/{}", index_text(id.index));
  if (!id.full()) path += fmt::format("{}{}", partial_mark, id.width);
  return path;
}

std::optional<TileId> parse_tile_path(std::string_view path) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  TileId id;
  if (const auto level = path.substr(0, slash); level == entries_name) {
    id.kind = TileId::Kind::entries;
  } else if (const auto number = plain_number(level, levels - 1)) {
    id.level = *number;
  } else {
    return std::nullopt;
  }
  path.remove_prefix(slash + 1);
  if (const auto mark = path.find(partial_mark); mark != std::string_view::npos) {
    const auto width = plain_number(path.substr(mark + partial_mark.size()), tile_width - 1);
    if (!width || *width == 0) return std::nullopt;
    id.width = *width;
    path = path.substr(0, mark);
  }
  const auto index = parse_index(path);
  if (!index) return std::nullopt;
  id.index = *index;
  return id;
}

std::string to_bytes(const TileHashes& hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * sizeof(Digest));
  for (const Digest& hash : hashes) bytes.append(as_text(hash));
  return bytes;
}

Result<TileHashes> tile_from_bytes(std::string_view bytes, std::uint32_t width) {
  if (bytes.size() != width * sizeof(Digest)) {
    return fail(ErrorCode::corrupt, fmt::format("it has {} bytes, and {} hashes have {}",
                                                bytes.size(), width, width * sizeof(Digest)));
  }
  TileHashes hashes(width);
  std::memcpy(hashes.data(), bytes.data(), bytes.size());
  return hashes;
}

}  // namespace muster
