#include "projections/store/row_queue.h"

#include <utility>

namespace muster {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20U;  // Large: who waits is woken seldom.
constexpr std::size_t waiting_max = 4;                      // Chunks.

}  // namespace

bool RowQueue::put(std::string_view key, std::string_view value) {
  filling_.bytes.append(key).append(value);
  filling_.places.push_back(
      {static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())});
  return filling_.bytes.size() < chunk_bytes || hand_over();
}

/// False: it is not wanted.
bool RowQueue::hand_over() {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return refused_ || waiting_.size() < waiting_max; });
  if (refused_) return false;
  waiting_.push_back(std::exchange(filling_, {}));
  if (!spare_.empty()) {
    filling_ = std::move(spare_.back());
    spare_.pop_back();
  }
  filled_.notify_one();
  return true;
}

void RowQueue::end() {
  const std::lock_guard lock(mutex_);
  if (!filling_.places.empty()) waiting_.push_back(std::exchange(filling_, {}));
  ended_ = true;
  filled_.notify_one();
}

bool RowQueue::next() {
  if (next_row_ == current_.places.size() && !take_chunk()) return false;
  const auto [key_size, value_size] = current_.places[next_row_++];
  const std::string_view bytes = current_.bytes;
  row_ = {.key = bytes.substr(next_byte_, key_size),
          .value = bytes.substr(next_byte_ + key_size, value_size)};
  next_byte_ += key_size + value_size;
  return true;
}

/// False: there are no more.
bool RowQueue::take_chunk() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
  if (waiting_.empty()) return false;
  current_.bytes.clear();
  current_.places.clear();
  spare_.push_back(std::exchange(current_, std::move(waiting_.front())));
  waiting_.pop_front();
  room_.notify_one();
  next_row_ = 0;
  next_byte_ = 0;
  return true;
}

void RowQueue::refuse() {
  const std::lock_guard lock(mutex_);
  refused_ = true;
  room_.notify_one();
}

}  // namespace muster
