#include "projections/rebuild/rows/rows_ahead.h"

#include <utility>

#include "core/base/thread_name.h"

namespace muster {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10U;
constexpr std::size_t waiting_max = 4;

}  // namespace

RowsAhead::RowsAhead(Bring bring)
    : thread_([this, bring = std::move(bring)] {
        name_this_thread("muster-ahead");
        bring_all(bring);
      }) {}

RowsAhead::~RowsAhead() {
  const std::lock_guard lock(mutex_);
  unwanted_ = true;
  room_.notify_one();
}

void RowsAhead::bring_all(const Bring& bring) {
  Chunk chunk;
  Result<void> outcome = bring([&](std::string_view key, std::string_view value) {
    chunk.bytes.append(key).append(value);
    chunk.places.push_back(
        {static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())});
    return chunk.bytes.size() < chunk_bytes || hand_over(std::exchange(chunk, {}));
  });
  const std::lock_guard lock(mutex_);
  if (!chunk.places.empty()) waiting_.push_back(std::move(chunk));
  outcome_ = std::move(outcome);
  over_ = true;
  filled_.notify_one();
}

/// False: it is not wanted.
bool RowsAhead::hand_over(Chunk chunk) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return unwanted_ || waiting_.size() < waiting_max; });
  waiting_.push_back(std::move(chunk));
  filled_.notify_one();
  return !unwanted_;
}

/// False: there are no more.
bool RowsAhead::take_chunk() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return over_ || !waiting_.empty(); });
  if (waiting_.empty()) return false;
  current_ = std::move(waiting_.front());
  waiting_.pop_front();
  room_.notify_one();
  next_row_ = 0;
  next_byte_ = 0;
  return true;
}

Result<bool> RowsAhead::next() {
  if (next_row_ == current_.places.size() && !take_chunk()) {
    if (!outcome_) return tl::unexpected(outcome_.error());
    return false;
  }
  const auto [key_size, value_size] = current_.places[next_row_++];
  const std::string_view bytes = current_.bytes;
  change_ = {.key = bytes.substr(next_byte_, key_size),
             .value = bytes.substr(next_byte_ + key_size, value_size)};
  next_byte_ += key_size + value_size;
  return true;
}

}  // namespace muster
