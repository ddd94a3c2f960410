#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/log/merkle/merkle_tree.h"

namespace muster {

/// What a backup says of itself: of which log it is, and what is in it for certain. Events that
/// came while it was made may be in it, too.
struct BackupNote {
  Uuid log;
  std::uint64_t epoch = 0;
  TreeHead head;         // So many events, and the root over them.
  Timestamp last_event;  // When the last of them was stored.
  Timestamp made_at;
  std::string made_by;     // The version of Muster.
  std::string checkpoint;  // The signed note of the last checkpoint; empty: none was signed yet.
  std::string key;         // That checks its signature.

  friend bool operator==(const BackupNote&, const BackupNote&) = default;
};

/// As text, one line a member: docs/log-format.md.
[[nodiscard]] std::string to_text(const BackupNote& note);

/// Reads what to_text wrote; lines that it does not know are of a newer Muster, and passed over.
/// Errors: corrupt; incompatible if its format is newer.
[[nodiscard]] Result<BackupNote> parse_backup_note(std::string_view text);

}  // namespace muster
