#include "projections/inventory/blocks.h"

#include <algorithm>
#include <bit>

#include "core/base/assert.h"
#include "core/base/digest.h"

namespace muster {
namespace {

constexpr std::size_t bits_size = devices_per_chunk / 8;
constexpr std::size_t uuid_size = sizeof(Uuid);

void append_text(std::string& bytes, std::string_view text) {
  MUSTER_ASSERT(text.size() <= UINT16_MAX, "texts of devices are short");
  append_big_endian(bytes, static_cast<std::uint16_t>(text.size()));
  bytes.append(text);
}

}  // namespace

std::string_view TextReader::next() {
  constexpr std::size_t length = sizeof(std::uint16_t);
  const std::size_t size = rest_.size() < length ? 0 : read_big_endian<std::uint16_t>(rest_);
  if (rest_.size() < length + size) {
    good_ = false;
    return {};
  }
  const auto text = rest_.substr(length, size);
  rest_.remove_prefix(length + size);
  return text;
}

void DeviceChunk::set(std::uint32_t device, bool member) {
  const std::uint32_t place = device % devices_per_chunk;
  const std::uint64_t bit = std::uint64_t{1} << (place % 64);
  std::uint64_t& word = words[place / 64];
  word = member ? word | bit : word & ~bit;
}

bool DeviceChunk::empty() const {
  return std::ranges::all_of(words, [](std::uint64_t word) { return word == 0; });
}

std::string DeviceChunk::encode() const {
  std::size_t count = 0;
  for (const std::uint64_t word : words) count += static_cast<std::size_t>(std::popcount(word));
  std::string bytes;
  if (count >= bits_size / 2) {
    for (const std::uint64_t word : words) append_big_endian(bytes, word);
    return bytes;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
      const auto place = i * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      append_big_endian(bytes, static_cast<std::uint16_t>(place));
    }
  }
  return bytes;
}

std::optional<DeviceChunk> DeviceChunk::decode(std::string_view bytes) {
  DeviceChunk chunk;
  if (bytes.size() == bits_size) {
    for (std::size_t i = 0; i < chunk.words.size(); ++i) {
      chunk.words[i] = read_big_endian<std::uint64_t>(bytes.substr(i * sizeof(std::uint64_t)));
    }
    return chunk;
  }
  if (bytes.size() > bits_size || bytes.size() % 2 != 0) return std::nullopt;
  for (; !bytes.empty(); bytes.remove_prefix(2)) {
    const auto place = read_big_endian<std::uint16_t>(bytes);
    if (place >= devices_per_chunk) return std::nullopt;
    chunk.set(place, true);
  }
  return chunk;
}

std::string TimeBlock::encode() const {
  std::string bytes;
  for (const std::uint32_t time : seconds) append_big_endian(bytes, time);
  return bytes;
}

std::optional<TimeBlock> TimeBlock::decode(std::string_view bytes) {
  TimeBlock block;
  if (bytes.size() != sizeof(block.seconds)) return std::nullopt;
  for (std::size_t i = 0; i < block.seconds.size(); ++i) {
    block.seconds[i] = read_big_endian<std::uint32_t>(bytes.substr(i * sizeof(std::uint32_t)));
  }
  return block;
}

std::string UuidBlock::encode() const {
  std::string bytes;
  for (const Uuid& uuid : uuids) append_part(bytes, uuid);
  return bytes;
}

std::optional<UuidBlock> UuidBlock::decode(std::string_view bytes) {
  UuidBlock block;
  if (bytes.size() != block.uuids.size() * uuid_size) return std::nullopt;
  for (std::size_t i = 0; i < block.uuids.size(); ++i) {
    std::ranges::copy(as_bytes(bytes.substr(i * uuid_size, uuid_size)),
                      block.uuids[i].bytes.begin());
  }
  return block;
}

std::string NameBlock::encode() const {
  std::string bytes;
  for (const std::string& name : names) append_text(bytes, name);
  return bytes;
}

std::optional<NameBlock> NameBlock::decode(std::string_view bytes) {
  NameBlock block;
  TextReader texts(bytes);
  for (std::string& name : block.names) name = texts.next();
  if (!texts.at_end()) return std::nullopt;
  return block;
}

std::string DeviceFacts::encode() const {
  std::string bytes(1, static_cast<char>(os_variant));
  append_text(bytes, running);
  append_text(bytes, os);
  append_text(bytes, agent);
  for (const Tag& each : tags) {
    append_text(bytes, each.key);
    append_text(bytes, each.value);
  }
  return bytes;
}

std::optional<DeviceFacts> DeviceFacts::decode(std::string_view bytes) {
  DeviceFacts facts;
  if (bytes.empty()) return std::nullopt;
  facts.os_variant = static_cast<OsVariant>(bytes.front());
  if (facts.os_variant > OsVariant::development) return std::nullopt;
  TextReader texts(bytes.substr(1));
  facts.running = texts.next();
  facts.os = texts.next();
  facts.agent = texts.next();
  while (texts.good() && !texts.at_end()) {
    Tag tag;
    tag.key = texts.next();
    tag.value = texts.next();
    facts.tags.push_back(std::move(tag));
  }
  if (!texts.good()) return std::nullopt;
  return facts;
}

}  // namespace muster
