#pragma once

#include <optional>
#include <string>

#include "core/domain/ids.h"

namespace muster {

// Facts about saved views.

/// A filter of devices was given a name (docs/filter-language.md).
struct SavedViewCreated {
  SavedViewId id;
  UserId owner;
  std::string name;
  std::string filter;
  std::optional<FleetId> shared_with;  // Its members see it too; none: only the owner does.
};

struct SavedViewRemoved {
  SavedViewId id;
};

}  // namespace muster
