#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "projections/view_store.h"

namespace muster {

/// Blocks of one kind that a fold changes: read when first edited, kept decoded from then on, as
/// the fold is the only one to write them; written back once a batch by `flush`. Holds about
/// `blocks_max` at most.
template <typename Block>
class BlockCache {
 public:
  explicit BlockCache(std::size_t blocks_max) : blocks_max_(blocks_max) {}

  /// The block under `key`, to be changed; a fresh one if none is stored. Good until `flush`.
  Block& edit(const ViewBatch& batch, const std::string& key) {
    auto [at, fresh] = held_.try_emplace(key);
    Held& held = at->second;
    if (fresh) held.block = read(batch, key);
    if (!std::exchange(held.changed, true)) changed_.push_back(&*at);
    return held.block;
  }

  /// Writes all blocks that were edited to `batch`.
  void flush(ViewBatch& batch) {
    for (auto* entry : changed_) {
      entry->second.changed = false;
      if (entry->second.block.empty()) {
        batch.erase(entry->first);
      } else {
        batch.put(entry->first, entry->second.block.encode());
      }
    }
    changed_.clear();
    if (held_.size() > blocks_max_) held_.clear();
  }

 private:
  struct Held {
    Block block;
    bool changed = false;
  };
  using Blocks = std::unordered_map<std::string, Held>;

  static Block read(const ViewBatch& batch, const std::string& key) {
    const auto bytes = batch.get(key);
    if (!bytes) return {};
    auto block = Block::decode(*bytes);
    if (!block) batch.end_damaged("a block of a view is damaged");
    return std::move(*block);
  }

  const std::size_t blocks_max_;
  Blocks held_;
  std::vector<typename Blocks::value_type*> changed_;  // Into held_, whose nodes stay.
};

}  // namespace muster
