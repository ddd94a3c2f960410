#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "projections/store/row_table.h"

namespace muster {

/// Goes through changes of rows in the order of their keys. Implementations: over a table, over a
/// run, and over several of these.
class RowCursor {
 public:
  RowCursor() = default;
  RowCursor(const RowCursor&) = delete;
  RowCursor& operator=(const RowCursor&) = delete;
  virtual ~RowCursor() = default;

  /// Goes to the next change, first to the first; false: there is none. Errors: corrupt, failed.
  [[nodiscard]] virtual Result<bool> next() = 0;

  /// Where it is. Good until `next`.
  [[nodiscard]] virtual const RowChange& change() const = 0;
};

/// All changes of `table`, which must outlive it and stay as it is.
[[nodiscard]] std::unique_ptr<RowCursor> cursor_over(const RowTable& table);

/// The rows that are there after all changes of `cursors`, of which those of later ones count.
[[nodiscard]] std::unique_ptr<RowCursor> merged(std::vector<std::unique_ptr<RowCursor>> cursors);

}  // namespace muster
