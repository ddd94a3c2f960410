#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "projections/store/row_table.h"

namespace muster {

/// Rows on their way from one thread, which puts them, to another, which takes them, in chunks of
/// some thousands. Who puts waits while too many are under way.
class RowQueue {
 public:
  /// False: no more are wanted.
  [[nodiscard]] bool put(std::string_view key, std::string_view value);

  /// No more are put.
  void end();

  /// Goes to the next row, first to the first, and waits for it; false: there are no more.
  [[nodiscard]] bool next();

  /// Where it is. Good until `next`.
  [[nodiscard]] const RowChange& row() const noexcept { return row_; }

  /// No more are taken. Any thread.
  void refuse();

 private:
  struct Chunk {
    struct Place {
      std::uint32_t key_size;
      std::uint32_t value_size;
    };
    std::string bytes;
    std::vector<Place> places;
  };

  [[nodiscard]] bool hand_over();
  [[nodiscard]] bool take_chunk();

  Chunk filling_;  // Of the thread that puts.

  Chunk current_;  // Of the thread that takes, as those below.
  std::size_t next_row_ = 0;
  std::size_t next_byte_ = 0;
  RowChange row_;

  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<Chunk> waiting_;  // Guarded by mutex_, as those below.
  std::vector<Chunk> spare_;   // Taken and empty: their memory is used again.
  bool ended_ = false;
  bool refused_ = false;
};

}  // namespace muster
