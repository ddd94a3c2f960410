#include "projections/rebuild/rows/row_cursor.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace muster {
namespace {

class TableCursor final : public RowCursor {
 public:
  explicit TableCursor(const RowTable& table) : table_(table), places_(table.sorted()) {}

  Result<bool> next() override {
    if (next_ == places_.size()) return false;
    change_ = table_.at(places_[next_++]);
    return true;
  }
  [[nodiscard]] const RowChange& change() const override { return change_; }

 private:
  const RowTable& table_;
  const std::vector<std::uint32_t> places_;
  std::size_t next_ = 0;
  RowChange change_;
};

class MergedCursor final : public RowCursor {
 public:
  explicit MergedCursor(std::vector<std::unique_ptr<RowCursor>> cursors) {
    for (auto& cursor : cursors) {
      tracks_.push_back({.cursor = std::move(cursor), .age = tracks_.size()});
    }
  }

  Result<bool> next() override {
    if (!std::exchange(begun_, true)) {
      if (auto begun = begin(); !begun) return tl::unexpected(std::move(begun).error());
    }
    while (!tracks_.empty()) {
      const RowChange& latest = tracks_.front().cursor->change();
      const bool erased = !latest.value.has_value();
      key_.assign(latest.key);
      value_.assign(latest.value.value_or(std::string_view()));
      do {  // Past what is known of this key from before.
        if (auto moved = move_first(); !moved) return tl::unexpected(std::move(moved).error());
      } while (!tracks_.empty() && tracks_.front().cursor->change().key == key_);
      if (erased) continue;
      change_ = {.key = key_, .value = value_};
      return true;
    }
    return false;
  }
  [[nodiscard]] const RowChange& change() const override { return change_; }

 private:
  struct Track {
    std::unique_ptr<RowCursor> cursor;
    std::size_t age = 0;  // Later ones count.
  };

  /// For a heap whose first one is that of the lowest key, and of these the latest.
  static bool is_behind(const Track& a, const Track& b) {
    const int order = a.cursor->change().key.compare(b.cursor->change().key);
    return order != 0 ? order > 0 : a.age < b.age;
  }

  Result<void> begin() {
    std::vector<Track> begun;
    for (Track& track : tracks_) {
      const auto any = track.cursor->next();
      if (!any) return tl::unexpected(any.error());
      if (*any) begun.push_back(std::move(track));
    }
    tracks_ = std::move(begun);
    std::ranges::make_heap(tracks_, is_behind);
    return {};
  }

  Result<void> move_first() {
    const auto any = tracks_.front().cursor->next();
    if (!any) return tl::unexpected(any.error());
    if (!*any) {
      std::swap(tracks_.front(), tracks_.back());
      tracks_.pop_back();
    }
    sink_first();
    return {};
  }

  /// Only the first one is new at its place, and maybe at home further down.
  void sink_first() {
    std::size_t at = 0;
    for (std::size_t child = 1; child < tracks_.size(); child = 2 * at + 1) {
      if (child + 1 < tracks_.size() && is_behind(tracks_[child], tracks_[child + 1])) ++child;
      if (!is_behind(tracks_[at], tracks_[child])) return;
      std::swap(tracks_[at], tracks_[child]);
      at = child;
    }
  }

  std::vector<Track> tracks_;  // A heap, once begun.
  bool begun_ = false;
  std::string key_;
  std::string value_;
  RowChange change_;
};

}  // namespace

std::unique_ptr<RowCursor> cursor_over(const RowTable& table) {
  return std::make_unique<TableCursor>(table);
}

std::unique_ptr<RowCursor> merged(std::vector<std::unique_ptr<RowCursor>> cursors) {
  return std::make_unique<MergedCursor>(std::move(cursors));
}

}  // namespace muster
