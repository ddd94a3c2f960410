#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/log/merkle/tile.h"

namespace muster::audit {

/// The records of a bundle, in order; those that are missing are nothing.
struct Entries {
  std::string bytes;
  std::vector<std::optional<std::string_view>> records;  // Point into `bytes`.

  Entries() = default;
  Entries(const Entries&) = delete;
  Entries& operator=(const Entries&) = delete;
  Entries(Entries&&) = default;
  Entries& operator=(Entries&&) = default;
  ~Entries() = default;
};

/// A log as its keeper shows it. Nothing it gives is checked yet. One thread at a time.
/// Implementations: DataSource, FolderSource, ServerSource.
class LogSource {
 public:
  LogSource() = default;
  LogSource(const LogSource&) = delete;
  LogSource& operator=(const LogSource&) = delete;
  virtual ~LogSource() = default;

  // Errors, of all: unavailable (not reached), corrupt (it is there and makes no sense), failed.

  /// The checkpoint signed last; nullopt if none ever was.
  [[nodiscard]] virtual Result<std::optional<std::string>> checkpoint() = 0;

  /// What its keeper says that checkpoints are checked with; nullopt if it does not say.
  [[nodiscard]] virtual Result<std::optional<std::string>> key() = 0;

  /// The records of bundle `index`, which has `width` of them.
  [[nodiscard]] virtual Result<Entries> entries(std::uint64_t index, std::uint32_t width) = 0;

  /// Nullopt if it is not there.
  [[nodiscard]] virtual Result<std::optional<TileHashes>> tile(const TileId& id) = 0;

  /// Whether tiles that are not full are kept too.
  [[nodiscard]] virtual bool keeps_partial_tiles() const = 0;

  /// The same for another thread.
  [[nodiscard]] virtual std::unique_ptr<LogSource> another() const = 0;
};

/// The records in a bundle as it is served, of `width` ones. Errors: corrupt.
[[nodiscard]] Result<Entries> entries_of(std::string bundle, std::uint32_t width);

/// The bundle with these records, of which none may be missing.
[[nodiscard]] std::string bundle_of(const Entries& entries);

}  // namespace muster::audit
