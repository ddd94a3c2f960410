#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/domain/event.h"
#include "core/log/merkle/merkle_tree.h"
#include "core/log/record_codec.h"
#include "tools/audit/source/log_source.h"
#include "tools/audit/verify/findings.h"

namespace muster::audit {

struct TreeCheckOptions {
  std::size_t threads = 1;
  const RecordCodec* codec = nullptr;  // Decodes the events too; null: they are only hashed.
  std::vector<std::uint64_t> sizes;    // Of trees whose roots are wanted.
};

/// Recomputes the tree of a log from its records, on several threads: checks every record's
/// checksum, and every tile that is kept against what its hashes must be.
class TreeCheck {
 public:
  /// The events, in order, as far as they could be read: the first that could not ends them.
  /// Called on the thread of `run`, with some thousand at a time.
  using Sink = std::function<void(const std::vector<Recorded>& events)>;
  using Progress = std::function<void(std::uint64_t events)>;

  /// Of the first `size` events of `source`, which must outlive it, as `findings` must.
  TreeCheck(const LogSource& source, std::uint64_t size, TreeCheckOptions options,
            Findings& findings);

  /// Errors: as of the source, but for corrupt, which is a finding.
  [[nodiscard]] Result<void> run(const Sink& sink, const Progress& progress);

  /// The root of the first events; `size` must be one of those wanted, and reached.
  [[nodiscard]] Digest root_at(std::uint64_t size) const;

  /// Whether so many events were there to be hashed: where a whole bundle is missing, it ends.
  [[nodiscard]] bool reaches(std::uint64_t size) const noexcept { return size <= hashed_; }

  /// Whether all events were given to the sink.
  [[nodiscard]] bool complete() const noexcept { return readable_ && hashed_ == size_; }

 private:
  struct Part;

  [[nodiscard]] bool goes_on() const { return !error_ && !cut_; }
  [[nodiscard]] Part check_part(LogSource& source, std::uint64_t number) const;
  void check_bundle(LogSource& source, std::uint64_t index, Part& part) const;
  [[nodiscard]] std::optional<Entries> read_entries(LogSource& source, std::uint64_t index,
                                                    std::uint32_t width, Part& part) const;
  [[nodiscard]] std::optional<TileHashes> read_tile(LogSource& source, const TileId& id,
                                                    Part& part) const;
  void check_record(std::uint64_t sequence, const std::optional<std::string_view>& record,
                    Part& part) const;
  void take(Part& part, const Sink& sink);
  [[nodiscard]] Result<void> check_upper_tiles();

  const LogSource& source_;
  const std::uint64_t size_;
  const TreeCheckOptions options_;
  Findings& findings_;
  TileHashes subtrees_;                              // Roots of the full tiles of level 0.
  std::map<std::uint64_t, TileHashes> last_leaves_;  // By size wanted: leaves in no full tile.
  std::uint64_t hashed_ = 0;
  bool readable_ = true;  // No event was unreadable yet.
  bool cut_ = false;      // A whole bundle is missing.
  std::optional<Error> error_;
};

}  // namespace muster::audit
