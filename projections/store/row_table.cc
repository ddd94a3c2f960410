#include "projections/store/row_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "core/base/assert.h"
#include "core/base/endian.h"

namespace muster {
namespace {

// A table may hold a row or millions: its memory grows with it.
constexpr std::size_t chunk_size_min = std::size_t{4} << 10U;
constexpr std::size_t chunk_size_max = std::size_t{1} << 20U;
constexpr std::size_t index_size_min = 16;

/// The first bytes of a key as a number with the same order.
std::uint64_t head_of(std::string_view key, std::size_t from) {
  constexpr std::size_t size = sizeof(std::uint64_t);
  if (key.size() >= from + size) return read_big_endian<std::uint64_t>(key.substr(from, size));
  char padded[size] = {};
  if (key.size() > from) std::memcpy(padded, key.data() + from, key.size() - from);
  return read_big_endian<std::uint64_t>({padded, size});
}

std::uint32_t hash_of(std::string_view key) {
  return static_cast<std::uint32_t>(std::hash<std::string_view>{}(key));
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
std::size_t RowTable::place_of(std::string_view key, std::uint32_t hash) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = hash & mask;
  while (index_[at].slot != 0) {
    if (index_[at].hash == hash && slots_[index_[at].slot - 1].key() == key) break;
    at = (at + 1) & mask;
  }
  return at;
}

std::optional<RowChange> RowTable::find(std::string_view key) const {
  if (indexed_ == 0) return std::nullopt;
  const std::uint32_t found = index_[place_of(key, hash_of(key))].slot;
  if (found == 0) return std::nullopt;
  return change_of(slots_[found - 1]);
}

void RowTable::set(std::string_view key, std::optional<std::string_view> value) {
  if ((indexed_ + 1) * 2 > index_.size()) grow();
  const std::uint32_t hash = hash_of(key);
  const std::size_t at = place_of(key, hash);
  if (index_[at].slot != 0) return write_value(slots_[index_[at].slot - 1], value);
  index_[at] = {.hash = hash, .slot = add_slot(key, value)};
  ++indexed_;
}

void RowTable::add(std::string_view key, std::string_view value) { add_slot(key, value); }

/// The number of the slot and 1.
std::uint32_t RowTable::add_slot(std::string_view key, std::optional<std::string_view> value) {
  const std::size_t value_size = value ? value->size() : 0;
  Slot slot{.bytes = room(key.size() + value_size),
            .key_size = static_cast<std::uint32_t>(key.size()),
            .value_room = static_cast<std::uint32_t>(value_size)};
  std::ranges::copy(key, slot.bytes);
  write_value(slot, value);
  slots_.push_back(slot);
  MUSTER_ASSERT(slots_.size() < UINT32_MAX, "a table of rows is bounded by its bytes");
  return static_cast<std::uint32_t>(slots_.size());
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
    const std::size_t fresh =
        std::max(size, std::clamp(chunk_bytes_, chunk_size_min, chunk_size_max));
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(fresh));
    chunk_at_ = chunks_.back().get();
    chunk_left_ = fresh;
    chunk_bytes_ += fresh;
  }
  chunk_left_ -= size;
  return std::exchange(chunk_at_, chunk_at_ + size);
}

void RowTable::grow() {
  const std::vector<Place> before =
      std::exchange(index_, std::vector<Place>(std::max(index_size_min, index_.size() * 2)));
  const std::size_t mask = index_.size() - 1;
  for (const Place& place : before) {
    if (place.slot == 0) continue;
    std::size_t at = place.hash & mask;
    while (index_[at].slot != 0) at = (at + 1) & mask;
    index_[at] = place;
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
    const int order = slots_[a.place].key().compare(slots_[b.place].key());
    return order != 0 ? order < 0 : a.place < b.place;
  });
  std::vector<std::uint32_t> places;
  places.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool outdated = i + 1 < keys.size() && keys[i].first == keys[i + 1].first &&
                          keys[i].second == keys[i + 1].second &&
                          slots_[keys[i].place].key() == slots_[keys[i + 1].place].key();
    if (!outdated) places.push_back(keys[i].place);
  }
  return places;
}

}  // namespace muster
