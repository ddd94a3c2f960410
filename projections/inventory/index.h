#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "projections/inventory/blocks.h"
#include "projections/inventory/device_set.h"
#include "projections/view_store.h"

namespace muster {

/// Reads what InventoryView stored, as of the moment of a snapshot.
///
/// A term of D devices costs at most min(D, highest id / 1,024) small reads in a row; a pass over a
/// column at most one of a group of 64 for each group that has a device asked for.
class InventoryIndex {
 public:
  /// `snapshot` must outlive the index.
  explicit InventoryIndex(const ViewSnapshot& snapshot) : snapshot_(snapshot) {}

  /// The devices that `term` (of term_of) is true of.
  [[nodiscard]] DeviceSet devices(const std::string& term) const;

  /// Those of every value of `kind` (a text) that begins with `start` and that `wanted` takes.
  using TakesText = std::function<bool(std::string_view value)>;
  [[nodiscard]] DeviceSet devices_where(InventoryKey kind, std::string_view start,
                                        const TakesText& wanted) const;

  /// Calls `sink` with each id of which `kind` has devices, and these.
  void each_id(InventoryKey kind,
               const std::function<void(std::uint32_t id, const DeviceSet&)>& sink) const;

  /// The ids stored for the texts of `kind` that begin with `start`, or that are it, if `whole`.
  [[nodiscard]] std::vector<std::uint32_t> ids_of(InventoryKey kind, std::string_view start,
                                                  bool whole) const;

  /// Calls `sink` for each group of a column in which `devices` has some, with their bits.
  using GroupSink =
      std::function<void(std::uint32_t group, std::uint64_t bits, std::string_view block)>;
  void each_group(InventoryKey column, const DeviceSet& devices, const GroupSink& sink) const;

  /// Ends the process over a block that makes no sense.
  [[noreturn]] void end_damaged() const;

 private:
  void add_chunk(DeviceSet& devices, std::string_view key, std::string_view block) const;

  const ViewSnapshot& snapshot_;
};

/// Calls `sink` with the place of each bit, rising.
template <typename Sink>
void each_bit(std::uint64_t bits, Sink sink) {
  for (; bits != 0; bits &= bits - 1) sink(static_cast<std::size_t>(std::countr_zero(bits)));
}

}  // namespace muster
