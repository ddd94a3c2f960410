#pragma once

#include <string>

#include "projections/history/ages.h"
#include "projections/key_layout.h"

namespace muster {

/// Where the registry keeps the row of that id as it was when the age began: empty if it was not
/// there; without an age, the beginning of all of them.
template <typename Row, typename Id>
[[nodiscard]] std::string past_key(Id id) {
  return key_of(RegistryKey::past, row_key<Row>, id);
}

template <typename Row, typename Id>
[[nodiscard]] std::string past_key(Id id, Age age) {
  return key_of(RegistryKey::past, row_key<Row>, id, age);
}

}  // namespace muster
