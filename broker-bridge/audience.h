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

/// All devices of a fleet, pinned ones too, that something at `since` changed for: what it sets for
/// all is told to those it was not so for before.
struct WholeFleet {
  FleetId fleet;
  Sequence since;

  friend auto operator<=>(const WholeFleet&, const WholeFleet&) = default;
};

/// Whose targets a change concerns that is not about one device: all, those who follow a fleet,
/// those whose target is a release, or a whole fleet.
using Audience = std::variant<AllDevices, FleetId, ReleaseId, WholeFleet>;

/// Up to `limit` devices of `audience` after `after`, in the order of their ids.
[[nodiscard]] std::vector<DeviceId> members_of(const Reader& reader, const Audience& audience,
                                               DeviceId after, std::size_t limit);

}  // namespace muster
