#pragma once

#include <filesystem>
#include <stop_token>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/domain/ids.h"

namespace muster {

struct RebuildParts;

/// Rows of a view that were folded anew, and up to which event.
struct FoldedRows {
  std::string_view view;
  const std::vector<std::filesystem::path>& files;  // As ViewStore::add_rows takes them.
  Sequence position;
};

/// Has `rows` take the place of those in use, after it has folded into them what came meanwhile;
/// the last of it while the runner stands still. Else those in use stay.
/// Errors: unavailable (stopped by `stop`); corrupt, incompatible (the log); failed.
[[nodiscard]] Result<void> take_into_use(const RebuildParts& parts, const FoldedRows& rows,
                                         const std::stop_token& stop);

/// What a rebuild says that was stopped.
[[nodiscard]] Error rebuild_stopped();

}  // namespace muster
