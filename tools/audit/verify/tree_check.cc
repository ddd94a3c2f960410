#include "tools/audit/verify/tree_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/base/assert.h"
#include "core/base/in_order.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/record/record_frame.h"

namespace muster::audit {
namespace {

constexpr std::uint64_t bundles_per_part = 16;

std::uint64_t bundles_of(std::uint64_t size) { return (size + tile_width - 1) / tile_width; }

/// Which of `hashes` is not that of the tile; nullopt if all are.
std::optional<std::size_t> first_difference(const TileHashes& tile,
                                            std::span<const Digest> hashes) {
  const auto [in_tile, in_tree] = std::ranges::mismatch(tile, hashes);
  if (in_tile == tile.end()) return std::nullopt;
  return static_cast<std::size_t>(in_tile - tile.begin());
}

}  // namespace

/// What a thread finds in some bundles beside each other.
struct TreeCheck::Part {
  std::uint64_t events = 0;
  TileHashes subtrees;
  std::map<std::uint64_t, TileHashes> last_leaves;
  TileHashes leaves;  // Of the bundle in hand.
  std::vector<Recorded> decoded;
  bool readable = true;
  bool cut = false;
  std::vector<Finding> findings;
  std::optional<Error> error;

  void add(std::string kind, std::uint64_t sequence, std::string what) {
    findings.push_back({std::move(kind), sequence, std::move(what)});
  }
};

TreeCheck::TreeCheck(const LogSource& source, std::uint64_t size, TreeCheckOptions options,
                     Findings& findings)
    : source_(source), size_(size), options_(std::move(options)), findings_(findings) {
  MUSTER_ASSERT(std::ranges::all_of(options_.sizes, [size](auto each) { return each <= size; }),
                "roots are wanted of trees that are there");
}

Result<void> TreeCheck::run(const Sink& sink, const Progress& progress) {
  std::vector<std::unique_ptr<LogSource>> sources;
  sources.reserve(options_.threads);
  for (std::size_t i = 0; i < options_.threads; ++i) sources.push_back(source_.another());
  const std::uint64_t parts = (bundles_of(size_) + bundles_per_part - 1) / bundles_per_part;
  InOrder<Part>(options_.threads, parts)
      .run([&](std::size_t worker,
               std::uint64_t number) { return check_part(*sources[worker], number); },
           [&](Part part) {
             take(part, sink);
             progress(hashed_);
             return goes_on();
           });
  if (error_) return tl::unexpected(*error_);
  if (cut_) return {};  // Which nodes are wrong further up would say nothing.
  return check_upper_tiles();
}

TreeCheck::Part TreeCheck::check_part(LogSource& source, std::uint64_t number) const {
  Part part;
  const std::uint64_t first = number * bundles_per_part;
  const std::uint64_t end = std::min(first + bundles_per_part, bundles_of(size_));
  for (std::uint64_t index = first; index < end && !part.error && !part.cut; ++index) {
    check_bundle(source, index, part);
  }
  return part;
}

void TreeCheck::check_bundle(LogSource& source, std::uint64_t index, Part& part) const {
  const TileId id{.level = 0, .index = index, .width = width_at(size_, 0, index)};
  const std::uint64_t before = index * tile_width;
  const auto entries = read_entries(source, index, id.width, part);
  if (!entries) return;
  if (std::ranges::none_of(entries->records,
                           [](const auto& record) { return record.has_value(); })) {
    part.cut = true;
    part.readable = false;
    return part.add("missing", before + 1,
                    fmt::format("events {} to {} are missing, and what follows was not checked",
                                before + 1, before + id.width));
  }
  const bool kept = id.full() || source_.keeps_partial_tiles();
  const auto tile = kept ? read_tile(source, id, part) : std::nullopt;
  if (part.error) return;
  part.leaves.clear();
  for (std::uint32_t i = 0; i < id.width; ++i) {
    const auto& record = entries->records[i];
    check_record(before + i + 1, record, part);
    // What is missing may still be shown to have been there.
    const Digest gone = tile ? (*tile)[i] : Digest{};
    part.leaves.push_back(record ? merkle_leaf(*record) : gone);
    if (record && tile && (*tile)[i] != part.leaves.back()) {
      part.add("tile", before + i + 1, fmt::format("{} has another hash of it", path_of(id)));
    }
  }
  part.events += id.width;
  for (const std::uint64_t size : options_.sizes) {
    if (size / tile_width != index || size % tile_width == 0) continue;
    const auto count = static_cast<std::ptrdiff_t>(size % tile_width);
    part.last_leaves[size].assign(part.leaves.begin(), part.leaves.begin() + count);
  }
  if (id.full()) part.subtrees.push_back(frontier_over(part.leaves).root());
}

std::optional<Entries> TreeCheck::read_entries(LogSource& source, std::uint64_t index,
                                               std::uint32_t width, Part& part) const {
  auto entries = source.entries(index, width);
  if (entries) return std::move(*entries);
  if (entries.error().code != ErrorCode::corrupt) {
    part.error = std::move(entries).error();
    return std::nullopt;
  }
  const TileId id{.kind = TileId::Kind::entries, .index = index, .width = width};
  part.add("record", index * tile_width + 1,
           fmt::format("{}: {}", path_of(id), entries.error().message));
  Entries none;
  none.records.resize(width);
  return none;
}

std::optional<TileHashes> TreeCheck::read_tile(LogSource& source, const TileId& id,
                                               Part& part) const {
  auto tile = source.tile(id);
  if (tile && *tile) return std::move(*tile);
  if (tile) {
    part.add("tile", 0, fmt::format("{} is missing", path_of(id)));
  } else if (tile.error().code == ErrorCode::corrupt) {
    part.add("tile", 0, fmt::format("{}: {}", path_of(id), tile.error().message));
  } else {
    part.error = std::move(tile).error();
  }
  return std::nullopt;
}

void TreeCheck::check_record(std::uint64_t sequence, const std::optional<std::string_view>& record,
                             Part& part) const {
  if (!record) {
    part.readable = false;
    return part.add("missing", sequence, "it is missing");
  }
  if (options_.codec == nullptr) {
    if (const auto right = muster::check_record(*record); !right) {
      part.readable = false;
      part.add("record", sequence, right.error().message);
    }
    return;
  }
  auto recorded = options_.codec->decode(Sequence{sequence}, *record);
  if (!recorded) {
    part.readable = false;
    return part.add("record", sequence, recorded.error().message);
  }
  if (part.readable) part.decoded.push_back(std::move(*recorded));
}

void TreeCheck::take(Part& part, const Sink& sink) {
  for (Finding& finding : part.findings) findings_.add(std::move(finding));
  subtrees_.insert(subtrees_.end(), part.subtrees.begin(), part.subtrees.end());
  last_leaves_.merge(part.last_leaves);
  if (readable_ && !part.decoded.empty()) {
    sink(part.decoded);
  }
  readable_ = readable_ && part.readable;
  cut_ = part.cut;
  hashed_ += part.events;
  error_ = std::move(part.error);
}

/// From level 1 up: each hash stands for a tile below.
Result<void> TreeCheck::check_upper_tiles() {
  const auto source = source_.another();
  TileHashes hashes = subtrees_;
  Part part;
  for (std::uint32_t level = 1; !hashes.empty(); ++level) {
    TileHashes above;
    for (std::uint64_t index = 0; index * tile_width < hashes.size(); ++index) {
      const TileId id{.level = level, .index = index, .width = width_at(size_, level, index)};
      const auto own = std::span(hashes).subspan(index * tile_width, id.width);
      if (id.full()) above.push_back(frontier_over(own).root());
      if (!id.full() && !source_.keeps_partial_tiles()) continue;
      const auto tile = read_tile(*source, id, part);
      if (part.error) return tl::unexpected(*part.error);
      const auto wrong = tile ? first_difference(*tile, own) : std::nullopt;
      if (!wrong) continue;
      part.add("tile", 0,
               fmt::format("{}: hash {} is not that of {}", path_of(id), *wrong,
                           path_of({.level = level - 1, .index = index * tile_width + *wrong})));
    }
    hashes = std::move(above);
  }
  for (Finding& finding : part.findings) findings_.add(std::move(finding));
  return {};
}

Digest TreeCheck::root_at(std::uint64_t size) const {
  const auto whole = std::span(subtrees_).first(size / tile_width);
  const MerkleFrontier above = frontier_over(whole);
  std::vector<Digest> peaks(above.peaks().begin(), above.peaks().end());
  if (const auto leaves = last_leaves_.find(size); leaves != last_leaves_.end()) {
    const MerkleFrontier rest = frontier_over(leaves->second);
    peaks.insert(peaks.end(), rest.peaks().begin(), rest.peaks().end());
  }
  return MerkleFrontier(size, std::move(peaks)).root();
}

}  // namespace muster::audit
