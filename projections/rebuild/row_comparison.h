#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "projections/rebuild/rows/row_cursor.h"

namespace muster {

/// A row that is stored in another way than the log says.
struct RowDifference {
  enum class Kind { missing, unexpected, other };
  Kind kind = Kind::other;
  std::string key;
};

/// Rows as they are stored beside those that the log adds up to, as of the same event.
struct RowComparison {
  static constexpr std::size_t examples_max = 20;

  std::uint64_t rows = 0;         // That the log adds up to.
  std::uint64_t differences = 0;  // Between the two.
  std::vector<RowDifference> examples;
  Digest folded{};  // By SHA-256, of all keys and values in order: of what the log adds up to,
  Digest stored{};  // and of what is stored.
};

/// Goes through both in order; `take` gets every row of `folded`. Errors: those of all three.
using TakeRow = std::function<Result<void>(std::string_view key, std::string_view value)>;
[[nodiscard]] Result<RowComparison> compare_rows(RowCursor& stored, RowCursor& folded,
                                                 const TakeRow& take);

}  // namespace muster
