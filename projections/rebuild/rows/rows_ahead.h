#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "projections/rebuild/rows/row_cursor.h"

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
  [[nodiscard]] const RowChange& change() const override { return change_; }

 private:
  struct Chunk {
    struct Place {
      std::uint32_t key_size;
      std::uint32_t value_size;
    };
    std::string bytes;
    std::vector<Place> places;
  };

  void bring_all(const Bring& bring);
  [[nodiscard]] bool hand_over(Chunk chunk);
  [[nodiscard]] bool take_chunk();

  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<Chunk> waiting_;  // Guarded by mutex_, as those below.
  bool over_ = false;          // No more chunks come.
  bool unwanted_ = false;
  Result<void> outcome_;

  Chunk current_;
  std::size_t next_row_ = 0;
  std::size_t next_byte_ = 0;
  RowChange change_;
  std::jthread thread_;  // Last: it uses all of the above.
};

}  // namespace muster
