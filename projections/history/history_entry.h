#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/strong_id.h"
#include "core/domain/ids.h"

namespace muster {

/// What a stream keeps of an event, so that most need not be read to be passed over.
struct HistoryEntry {
  Sequence sequence;
  UserId actor;                 // 0: Muster itself.
  FleetId fleet;                // In which it happened, by that time; 0: in none.
  OrganisationId organisation;  // The same, where it happened in no fleet.
  DeviceId device;              // That the event is about; 0: about no device.
  std::string kind;             // The name of the event's type.

  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

/// The entries of a stream are stored in blocks of so many sequences: events that come in large
/// batches and concern the same fleet or user then cost a row for a block, not one for each.
inline constexpr std::uint64_t block_sequences = 16;

using BlockNumber = StrongId<struct BlockNumberTag, std::uint64_t>;

/// The block in which that sequence is.
[[nodiscard]] constexpr BlockNumber block_of(Sequence sequence) noexcept {
  return BlockNumber{sequence.value() / block_sequences};
}

/// Puts `entry` behind the others of its block, all of one stream and before it.
void append_to_block(std::string& block, const HistoryEntry& entry);

/// The entries of a block, oldest first; nullopt for what `append_to_block` did not make.
[[nodiscard]] std::optional<std::vector<HistoryEntry>> decode_block(BlockNumber number,
                                                                    std::string_view block);

}  // namespace muster
