#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/filter/filter.h"
#include "projections/inventory/evaluation.h"

namespace muster {

enum class InventorySort : std::uint8_t { created, name, uuid };

/// Where a page ended: the last device of it, and what it is sorted by.
struct InventoryMark {
  std::string key;  // Its name, or its uuid's bytes; empty where the id decides.
  DeviceId id;

  friend auto operator<=>(const InventoryMark&, const InventoryMark&) = default;
};

struct InventoryRequest {
  const Filter* filter = nullptr;  // None: all.
  InventorySort sort = InventorySort::created;
  bool descending = false;
  std::optional<InventoryMark> after;  // None: from the first.
  std::size_t limit = 100;
};

struct InventoryPage {
  std::vector<InventoryMark> devices;
  bool more = false;
  std::size_t total = 0;  // Of all pages.
};

/// One page of the devices in `scope` that are wanted. Pages are stable: each goes on behind the
/// last device of the one before, so that one that comes or goes meanwhile shifts no other.
///
/// Whatever the filter selects, the cost is bounded: that of the filter (see FilterEvaluation),
/// and where it is sorted by name or uuid one pass over that column.
[[nodiscard]] InventoryPage list_devices(const Reader& reader, const InventoryScope& scope,
                                         const InventoryRequest& request);

/// The devices that `filter` selects (without one: all), in the order of their ids, at most
/// `limit`.
[[nodiscard]] std::vector<DeviceId> select_devices(const Reader& reader,
                                                   const InventoryScope& scope,
                                                   const Filter* filter, std::size_t limit);

}  // namespace muster
