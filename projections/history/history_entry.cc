#include "projections/history/history_entry.h"

#include <cstddef>

#include "core/base/assert.h"
#include "core/base/endian.h"

namespace muster {
namespace {

// An entry: its place in the block, the size of its kind, four ids, its kind.
constexpr std::size_t id_size = sizeof(std::uint32_t);
constexpr std::size_t kind_at = 2 + 4 * id_size;
constexpr std::size_t kind_size_max = 255;

std::uint32_t id_at(std::string_view bytes, std::size_t place) {
  return read_big_endian<std::uint32_t>(bytes.substr(2 + place * id_size));
}

std::uint8_t byte_at(std::string_view bytes, std::size_t place) {
  return static_cast<std::uint8_t>(bytes[place]);
}

}  // namespace

void append_to_block(std::string& block, const HistoryEntry& entry) {
  MUSTER_ASSERT(entry.kind.size() <= kind_size_max, "the name of an event's type is short");
  block.push_back(static_cast<char>(entry.sequence.value() % block_sequences));
  block.push_back(static_cast<char>(entry.kind.size()));
  append_big_endian(block, entry.actor.value());
  append_big_endian(block, entry.fleet.value());
  append_big_endian(block, entry.organisation.value());
  append_big_endian(block, entry.device.value());
  block.append(entry.kind);
}

std::optional<std::vector<HistoryEntry>> decode_block(BlockNumber number, std::string_view block) {
  std::vector<HistoryEntry> entries;
  while (!block.empty()) {
    if (block.size() <= kind_at) return std::nullopt;
    const std::size_t size = kind_at + byte_at(block, 1);
    const Sequence sequence{number.value() * block_sequences + byte_at(block, 0)};
    const bool follows = entries.empty() || entries.back().sequence < sequence;
    if (size == kind_at || block.size() < size || block_of(sequence) != number || !follows) {
      return std::nullopt;
    }
    entries.push_back({.sequence = sequence,
                       .actor = UserId{id_at(block, 0)},
                       .fleet = FleetId{id_at(block, 1)},
                       .organisation = OrganisationId{id_at(block, 2)},
                       .device = DeviceId{id_at(block, 3)},
                       .kind = std::string(block.substr(kind_at, size - kind_at))});
    block.remove_prefix(size);
  }
  if (entries.empty()) return std::nullopt;
  return entries;
}

}  // namespace muster
