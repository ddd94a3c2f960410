#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"

namespace muster {

// The tree cut into tiles as C2SP tlog-tiles has it: each holds 256 hashes of one height, and eight
// heights further up one hash stands for all of them.

inline constexpr std::size_t tile_height = 8;
inline constexpr std::uint32_t tile_width = 256;

/// A tile of hashes, or the bundle of records whose hashes are in that tile of level 0.
struct TileId {
  enum class Kind : std::uint8_t { hashes, entries };

  Kind kind = Kind::hashes;
  std::uint32_t level = 0;           // Its hashes are roots of subtrees of 256^level leaves.
  std::uint64_t index = 0;           // From the left, from 0.
  std::uint32_t width = tile_width;  // How many it holds; fewer than 256 at the right edge only.

  [[nodiscard]] bool full() const noexcept { return width == tile_width; }

  friend bool operator==(const TileId&, const TileId&) = default;
};

using TileHashes = std::vector<Digest>;

/// How many hashes the tiles of `level` hold together, in a tree of `size` leaves.
[[nodiscard]] inline std::uint64_t hashes_of_level(std::uint64_t size, std::size_t level) noexcept {
  return level * tile_height < 64 ? size >> (level * tile_height) : 0;
}

/// Whether a tree of `size` leaves has that tile, at least that wide.
[[nodiscard]] bool has_tile(std::uint64_t size, const TileId& id) noexcept;

/// How many hashes that tile of a tree of `size` leaves holds; 0: there is no such tile.
[[nodiscard]] std::uint32_t width_at(std::uint64_t size, std::uint32_t level,
                                     std::uint64_t index) noexcept;

/// Where it is below a log's prefix: `tile/0/x001/x234/067`, `tile/1/000.p/17`,
/// `tile/entries/273.p/112`.
[[nodiscard]] std::string path_of(const TileId& id);

/// Reads what path_of wrote, and nothing else.
[[nodiscard]] std::optional<TileId> parse_tile_path(std::string_view path);

/// The bytes of a tile: its hashes one after the other.
[[nodiscard]] std::string to_bytes(const TileHashes& hashes);

/// Reads what to_bytes wrote of `width` hashes. Errors: corrupt.
[[nodiscard]] Result<TileHashes> tile_from_bytes(std::string_view bytes, std::uint32_t width);

}  // namespace muster
