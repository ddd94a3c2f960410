#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"

namespace muster {

class EventLog;

/// How far rows that are folded anew are, as kept beside them: a file of a few lines.
struct BuildProgress {
  Uuid log;
  std::string view;
  std::uint32_t version = 0;
  Sequence position;
  Digest record{};  // SHA-256 of the event's record there: that the log is still the same one.
  std::vector<std::uint64_t> runs;  // Sizes of their files, oldest first.

  friend bool operator==(const BuildProgress&, const BuildProgress&) = default;
};

/// Nullopt if there is none, or it makes no sense.
[[nodiscard]] std::optional<BuildProgress> read_progress(const std::filesystem::path& folder);

/// Takes the place of the one before, all at once. Errors: failed.
[[nodiscard]] Result<void> write_progress(const std::filesystem::path& folder,
                                          const BuildProgress& progress);

/// SHA-256 of the record at `sequence`; nullopt if there is none.
[[nodiscard]] std::optional<Digest> digest_of_record(const EventLog& log, Sequence sequence);

}  // namespace muster
