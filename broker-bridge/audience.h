#pragma once

#include <compare>
#include <cstddef>
#include <variant>
#include <vector>

#include "core/domain/ids.h"

namespace muster {

class Reader;

struct AllDevices {
  friend auto operator<=>(const AllDevices&, const AllDevices&) = default;
};

/// Whose targets a change concerns that is not about one device: all, those who follow a fleet,
/// or those whose target is a release.
using Audience = std::variant<AllDevices, FleetId, ReleaseId>;

/// Up to `limit` devices of `audience` after `after`, in the order of their ids.
[[nodiscard]] std::vector<DeviceId> members_of(const Reader& reader, const Audience& audience,
                                               DeviceId after, std::size_t limit);

}  // namespace muster
