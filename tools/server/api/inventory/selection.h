#pragma once

#include <optional>
#include <string>

#include "core/domain/decide/command.h"
#include "core/domain/filter/filter.h"
#include "projections/inventory/inventory.h"
#include "tools/server/api/api.h"

namespace muster {

/// How a request says which devices it is about. What is said in several ways must all be true.
struct Wanted {
  std::optional<std::string> filter;
  std::optional<std::string> view;
  std::optional<std::string> fleet;
  bool orphans = false;  // Also the devices of deleted fleets.
};

/// Devices by a filter, among those that the caller sees.
struct Selection {
  std::optional<Filter> filter;  // None: all of them.
  InventoryScope scope;
};

/// Finds out what `wanted` means to the caller now.
/// Problems: 400 `invalid-filter` (with `position`), 404 `unknown-view`, `unknown-fleet`,
/// 409 `ambiguous-view`.
[[nodiscard]] HttpResult<Selection> selection_of(const ApiParts& parts, const Sight& sight,
                                                 const Wanted& wanted);

/// The ids that a command is to carry: one more than it may have, if there are so many.
[[nodiscard]] SelectedDevices select(const Reader& reader, const Selection& selection);

}  // namespace muster
