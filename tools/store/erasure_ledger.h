#pragma once

#include <filesystem>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"

namespace muster {

/// A user who was erased. Ids alone do not say who: a restored log gives those of users that it
/// does not know anew.
struct Erasure {
  Uuid log;
  UserId user;
  Timestamp created_at;
  Timestamp erased_at;

  [[nodiscard]] bool is_of_same(const Erasure& other) const {
    return log == other.log && user == other.user && created_at == other.created_at;
  }
};

// The ledger of erasures: a file outside the log and its backups, so that a backup of before brings
// nobody back. Its form: docs/log-format.md.

/// Its name in `keys/`, and that of its copy in a folder of backups.
inline constexpr const char* erasures_name = "erased";

/// What is in `file`; nothing if there is none. Errors: corrupt; failed.
[[nodiscard]] Result<std::vector<Erasure>> load_erasures(const std::filesystem::path& file);

/// Adds those that are not in `file` yet; durable when this returns. Errors: corrupt; failed.
[[nodiscard]] Result<void> add_erasures(const std::filesystem::path& file,
                                        const std::vector<Erasure>& erasures);

}  // namespace muster
