#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "tools/store/data_folder.h"
#include "tools/store/erasure_ledger.h"

namespace muster {

/// What a restored log gets of the keys that were kept.
struct KeysOrder {
  std::filesystem::path from;                  // A copy of `keys/`; empty: there is none.
  std::vector<std::filesystem::path> ledgers;  // Of erasures, beside the one in `from`.
  const DataFolder& to;
  const std::vector<Erasure>& users;  // Of the restored log.
  Timestamp now;
};

struct TakenKeys {
  std::vector<std::string> kept;
  std::vector<std::string> missing;
  std::size_t erased = 0;
};

/// Copies the keys, but none of users who were erased or whom the restored log does not know, and
/// puts all ledgers together. Errors: invalid_input if `from` is no folder; corrupt; failed.
[[nodiscard]] Result<TakenKeys> take_keys(const KeysOrder& order);

}  // namespace muster
