#include "projections/inventory/device_set.h"

#include <algorithm>

namespace muster {

void DeviceSet::set_group(std::size_t group, std::uint64_t bits) {
  if (group >= words_.size()) words_.resize(group + 1);
  words_[group] = bits;
}

void DeviceSet::add(DeviceId id) {
  const std::size_t group = id.value() / 64;
  set_group(group, this->group(group) | std::uint64_t{1} << (id.value() % 64));
}

void DeviceSet::add(std::uint32_t chunk, const DeviceChunk& bits) {
  const std::size_t first = chunk * bits.words.size();
  if (words_.size() < first + bits.words.size()) words_.resize(first + bits.words.size());
  for (std::size_t i = 0; i < bits.words.size(); ++i) words_[first + i] |= bits.words[i];
}

bool DeviceSet::empty() const noexcept {
  return std::ranges::all_of(words_, [](std::uint64_t word) { return word == 0; });
}

std::size_t DeviceSet::count() const noexcept {
  std::size_t count = 0;
  for (const std::uint64_t word : words_) count += static_cast<std::size_t>(std::popcount(word));
  return count;
}

DeviceSet& DeviceSet::operator&=(const DeviceSet& other) {
  words_.resize(std::min(words_.size(), other.words_.size()));
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  return *this;
}

DeviceSet& DeviceSet::operator|=(const DeviceSet& other) {
  words_.resize(std::max(words_.size(), other.words_.size()));
  for (std::size_t i = 0; i < other.words_.size(); ++i) words_[i] |= other.words_[i];
  return *this;
}

DeviceSet& DeviceSet::operator-=(const DeviceSet& other) {
  const std::size_t both = std::min(words_.size(), other.words_.size());
  for (std::size_t i = 0; i < both; ++i) words_[i] &= ~other.words_[i];
  return *this;
}

}  // namespace muster
