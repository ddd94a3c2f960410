#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace muster {

/// What is known of a key: its value, or that it was erased.
struct RowChange {
  std::string_view key;
  std::optional<std::string_view> value;  // None: erased.
};

/// Changes of rows in memory: the last one of each key, found by key, and given in their order.
/// One thread changes it; several may read when nobody does.
class RowTable {
 public:
  /// Nullopt: nothing is known of that key. Good until the next change.
  [[nodiscard]] std::optional<RowChange> find(std::string_view key) const;

  void set(std::string_view key, std::optional<std::string_view> value);

  /// The same of a key that is not looked for from now on, and never set: without a place in the
  /// index.
  void add(std::string_view key, std::string_view value);

  /// Memory that it takes, about.
  [[nodiscard]] std::size_t bytes() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return slots_.empty(); }

  /// The places of all changes in the order of their keys.
  [[nodiscard]] std::vector<std::uint32_t> sorted() const;
  /// The change at such a place.
  [[nodiscard]] RowChange at(std::uint32_t place) const { return change_of(slots_[place]); }

 private:
  /// Where a row's bytes are: the key, then room for the value.
  struct Slot {
    char* bytes = nullptr;
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    std::uint32_t value_room = 0;
    bool erased = false;

    [[nodiscard]] std::string_view key() const { return {bytes, key_size}; }
  };

  /// A place of the index. The hash beside it spares a look at most slots that are not meant.
  struct Place {
    std::uint32_t hash = 0;
    std::uint32_t slot = 0;  // Its number and 1; 0: none.
  };

  [[nodiscard]] static RowChange change_of(const Slot& slot);
  [[nodiscard]] std::size_t place_of(std::string_view key, std::uint32_t hash) const;
  std::uint32_t add_slot(std::string_view key, std::optional<std::string_view> value);
  void write_value(Slot& slot, std::optional<std::string_view> value);
  [[nodiscard]] char* room(std::size_t size);
  void grow();

  std::vector<Slot> slots_;
  std::size_t indexed_ = 0;
  std::vector<Place> index_;  // By hash; at most half of it is taken.
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t chunk_left_ = 0;
  char* chunk_at_ = nullptr;
  std::size_t chunk_bytes_ = 0;
};

}  // namespace muster
