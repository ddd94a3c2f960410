#include "projections/rebuild/row_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "core/base/assert.h"
#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::size_t chunk_size = std::size_t{1} << 20U;
constexpr std::size_t index_size_min = 1'024;

/// The first bytes of a key as a number with the same order.
std::uint64_t head_of(std::string_view key, std::size_t from) {
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (key.size() >= from + size) return read_big_endian<std::uint64_t>(key.substr(from, size));
  char padded[size] = {};
  if (key.size() > from) std::memcpy(padded, key.data() + from, key.size() - from);
  return read_big_endian<std::uint64_t>({padded, size});
}

/// What a row is sorted by: most keys differ in their heads.
struct SortKey {
  std::uint64_t first;
  std::uint64_t second;
  std::uint32_t place;
};

}  // namespace

RowChange RowTable::change_of(const Slot& slot) {
  if (slot.erased) return {.key = slot.key(), .value = std::nullopt};
  return {.key = slot.key(),
          .value = std::string_view{slot.bytes + slot.key_size, slot.value_size}};
}

/// Where `key` is in the index, or would be.
std::size_t RowTable::place_of(std::string_view key, std::uint64_t hash) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash & mask;
  while (index_[at] != 0) {
    const Slot& slot = slots_[index_[at] - 1];
    if (slot.hash == hash && slot.key() == key) break;
    at = (at + 1) & mask;
  }
  return at;
}

std::optional<RowChange> RowTable::find(std::string_view key) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t found = index_[place_of(key, std::hash<std::string_view>{}(key))];
  if (found == 0) return std::nullopt;
  return change_of(slots_[found - 1]);
}

void RowTable::set(std::string_view key, std::optional<std::string_view> value) {
  if ((slots_.size() + 1) * 2 > index_.size()) grow();
  const std::uint64_t hash = std::hash<std::string_view>{}(key);
  const std::size_t at = place_of(key, hash);
  if (index_[at] != 0) return write_value(slots_[index_[at] - 1], value);
  const std::size_t value_size = value ? value->size() : 0;
  Slot slot{.hash = hash,
            .bytes = room(key.size() + value_size),
            .key_size = static_cast<std::uint32_t>(key.size()),
            .value_room = static_cast<std::uint32_t>(value_size)};
  std::ranges::copy(key, slot.bytes);
  write_value(slot, value);
  slots_.push_back(slot);
  MUSTER_ASSERT(slots_.size() < UINT32_MAX, "a table of rows is bounded by its bytes");
  index_[at] = static_cast<std::uint32_t>(slots_.size());
}

void RowTable::write_value(Slot& slot, std::optional<std::string_view> value) {
  slot.erased = !value.has_value();
  if (!value) return;
  if (value->size() > slot.value_room) {
    char* const bytes = room(slot.key_size + value->size());
    std::ranges::copy(slot.key(), bytes);
    slot.bytes = bytes;
    slot.value_room = static_cast<std::uint32_t>(value->size());
  }
  std::ranges::copy(*value, slot.bytes + slot.key_size);
  slot.value_size = static_cast<std::uint32_t>(value->size());
}

char* RowTable::room(std::size_t size) {
  if (size > chunk_left_) {
    const std::size_t fresh = std::max(size, chunk_size);
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(fresh));
    chunk_at_ = chunks_.back().get();
    chunk_left_ = fresh;
    chunk_bytes_ += fresh;
  }
  chunk_left_ -= size;
  return std::exchange(chunk_at_, chunk_at_ + size);
}

void RowTable::grow() {
  index_.assign(std::max(index_size_min, index_.size() * 2), 0);
  const std::size_t mask = index_.size() - 1;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    std::size_t at = slots_[i].hash & mask;
    while (index_[at] != 0) at = (at + 1) & mask;
    index_[at] = static_cast<std::uint32_t>(i + 1);
  }
}

std::size_t RowTable::bytes() const noexcept {
  return chunk_bytes_ + slots_.capacity() * sizeof(Slot) + index_.capacity() * sizeof(index_[0]);
}

std::vector<std::uint32_t> RowTable::sorted() const {
  std::vector<SortKey> keys;
  keys.reserve(slots_.size());
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto key = slots_[i].key();
    keys.push_back(
        {head_of(key, 0), head_of(key, sizeof(std::uint64_t)), static_cast<std::uint32_t>(i)});
  }
  std::ranges::sort(keys, [this](const SortKey& a, const SortKey& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second != b.second) return a.second < b.second;
    return slots_[a.place].key() < slots_[b.place].key();
  });
  std::vector<std::uint32_t> places;
  places.reserve(keys.size());
  for (const SortKey& key : keys) places.push_back(key.place);
  return places;
}

}  // namespace muster
