#pragma once

#include <functional>
#include <string_view>
#include <thread>

#include "projections/rebuild/rows/row_cursor.h"
#include "projections/store/row_queue.h"

namespace muster {

/// Rows that a thread of their own brings, some thousands ahead of who goes through them.
class RowsAhead final : public RowCursor {
 public:
  /// Gives row after row to `take`, in order, until there are no more or it returns false. Called
  /// once, on that thread, from the beginning on.
  using Take = std::function<bool(std::string_view key, std::string_view value)>;
  using Bring = std::function<Result<void>(const Take& take)>;
  explicit RowsAhead(Bring bring);
  RowsAhead(const RowsAhead&) = delete;
  RowsAhead& operator=(const RowsAhead&) = delete;
  ~RowsAhead() override;  // Waits for `bring`, which is told to end.

  /// Errors: those of `bring`, behind the rows it gave.
  Result<bool> next() override;
  [[nodiscard]] const RowChange& change() const override { return queue_.row(); }

 private:
  RowQueue queue_;
  Result<void> outcome_;  // Of `bring`; read once the queue has ended.
  std::jthread thread_;   // Last: it uses all of the above.
};

}  // namespace muster
