#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "projections/history/history_entry.h"
#include "projections/history/stream.h"
#include "projections/view_batch.h"

namespace muster {

/// Collects the entries of all streams on their way to the rows of the view of history: a row for
/// each stream and block. The rows are the same however the events were cut into batches.
class StreamBlocks {
 public:
  /// Entries come in the order of their sequences, each once in a stream.
  void add(ViewBatch& batch, const Stream& stream, const HistoryEntry& entry);

  /// Writes all that was added.
  void write(ViewBatch& batch);

 private:
  struct Row {
    std::string entries;  // All of this block.
    bool written = false;
  };
  struct StreamHash {
    std::size_t operator()(const Stream& stream) const noexcept;
  };

  void turn_to(ViewBatch& batch, Sequence sequence);
  [[nodiscard]] std::string key_of(const Stream& stream) const;

  BlockNumber block_;
  bool begun_here_ = false;                           // Nobody else has written rows of this block.
  std::unordered_map<Stream, Row, StreamHash> rows_;  // Of this block.
};

}  // namespace muster
