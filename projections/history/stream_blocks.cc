#include "projections/history/stream_blocks.h"

#include <cstdint>
#include <functional>

#include "projections/history/keys.h"

namespace muster {

std::size_t StreamBlocks::StreamHash::operator()(const Stream& stream) const noexcept {
  const auto kind = static_cast<std::uint64_t>(stream.kind);
  return std::hash<std::uint64_t>{}(kind << 32U | stream.id);
}

std::string StreamBlocks::key_of(const Stream& stream) const {
  return history_key(HistoryKey::block, stream, block_);
}

void StreamBlocks::turn_to(ViewBatch& batch, Sequence sequence) {
  if (block_of(sequence) == block_) return;
  write(batch);
  rows_.clear();
  block_ = block_of(sequence);
  begun_here_ = sequence.value() % block_sequences == 0;
}

void StreamBlocks::add(ViewBatch& batch, const Stream& stream, const HistoryEntry& entry) {
  turn_to(batch, entry.sequence);
  const auto [row, fresh] = rows_.try_emplace(stream);
  if (fresh && !begun_here_) row->second.entries = batch.get(key_of(stream)).value_or("");
  append_to_block(row->second.entries, entry);
  row->second.written = false;
}

void StreamBlocks::write(ViewBatch& batch) {
  for (auto& [stream, row] : rows_) {
    if (!row.written) batch.put_unread(key_of(stream), row.entries);
    row.written = true;
  }
}

}  // namespace muster
