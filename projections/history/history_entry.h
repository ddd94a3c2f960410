#pragma once

#include <optional>
#include <string>
#include <string_view>

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

/// All but the sequence, which is in the key.
[[nodiscard]] std::string encode(const HistoryEntry& entry);

/// Nullopt for what `encode` did not make.
[[nodiscard]] std::optional<HistoryEntry> decode_history_entry(Sequence sequence,
                                                               std::string_view bytes);

}  // namespace muster
