#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/log/rocks_backup.h"

namespace muster {

/// A backup as the API and the command line tell it.
[[nodiscard]] nlohmann::ordered_json backup_json(const StoredBackup& backup);

}  // namespace muster
