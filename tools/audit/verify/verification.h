#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/domain/eras.h"
#include "core/log/checkpoint/checkpoint.h"
#include "tools/audit/source/log_source.h"
#include "tools/audit/verify/findings.h"
#include "tools/audit/verify/kept_checkpoint.h"

namespace muster::audit {

class DataSource;

struct VerifyOptions {
  std::size_t threads = 0;     // 0: as many as there are processors.
  bool replay = true;          // Check every transition; else the tree alone.
  std::string key;             // That must have signed; empty: the kept one, or the keeper's.
  std::filesystem::path kept;  // Folder of what is remembered between two runs.
  std::string now;             // Kept as the time of this run.
};

/// Why the key is believed that the signature was checked with.
enum class KeyTrust { none, given, kept, first_use };

/// What a verification did and found.
struct VerifyReport {
  std::optional<Checkpoint> checkpoint;  // None: nothing was ever signed.
  std::string key;
  KeyTrust trust = KeyTrust::none;
  std::uint64_t events = 0;                  // Whose records and tiles were checked.
  std::uint64_t replayed = 0;                // Whose transitions were checked.
  std::optional<std::uint64_t> compared_at;  // The views were compared as of that event.
  std::optional<KeptCheckpoint> before;      // The checkpoint that this one had to continue.
  std::vector<Era> eras;                     // More than one: the log was restored. From replay.
  Findings findings;
  double seconds = 0;
};

using VerifyProgress = std::function<void(std::uint64_t events, std::uint64_t of)>;

/// Checks the log that `source` shows: its checkpoint's signature and key, every record, leaf, tile
/// and root, every transition, and that it continues what was verified before. What is wrong is a
/// finding. If nothing is, the checkpoint is kept for the next time.
/// `data`: the source, if it is a data folder: its views are then compared, too.
/// Errors: what keeps it from being checked to the end; invalid_input for a key that is none.
[[nodiscard]] Result<VerifyReport> verify(LogSource& source, const DataSource* data,
                                          const VerifyOptions& options,
                                          const VerifyProgress& progress);

}  // namespace muster::audit
