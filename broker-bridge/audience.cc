#include "broker-bridge/audience.h"

#include <algorithm>
#include <iterator>

#include "core/base/overloaded.h"
#include "core/domain/lifecycle/settings.h"
#include "projections/reader.h"

namespace muster {
namespace {

using Devices = std::vector<DeviceId>;

Devices all(const Reader& reader, DeviceId after, std::size_t limit) {
  Devices ids;
  reader.each_device(after, [&](const Device& row) {
    ids.push_back(row.id);
    return ids.size() < limit;
  });
  return ids;
}

Devices following(const Reader& reader, FleetId fleet, DeviceId after, std::size_t limit) {
  Devices ids;
  reader.each_device_of(fleet, after, [&](DeviceId id, bool pinned) {
    if (!pinned) ids.push_back(id);
    return ids.size() < limit;
  });
  return ids;
}

Devices targeting(const Reader& reader, ReleaseId id, DeviceId after, std::size_t limit) {
  Devices pinned;
  reader.each_device_pinned_to(id, [&](DeviceId device) {
    if (device > after) pinned.push_back(device);
    return pinned.size() < limit;
  });
  const auto release = reader.find(id);
  const auto fleet = release ? reader.find(release->fleet) : std::nullopt;
  if (!fleet || fleet->target != id) return pinned;
  const Devices followers = following(reader, fleet->id, after, limit);
  Devices both;
  std::ranges::merge(pinned, followers, std::back_inserter(both));
  both.resize(std::min(both.size(), limit));
  return both;
}

Devices concerned(const Reader& reader, const WholeFleet& whole, DeviceId after,
                  std::size_t limit) {
  Devices ids;
  const auto fleet = reader.find(whole.fleet);
  if (!fleet) return ids;
  reader.each_device_of(whole.fleet, after, [&](DeviceId id, bool) {
    const auto device = fleet->is_deleted() ? std::nullopt : reader.find(id);
    const bool is_concerned =
        !device || settings_of(*device, *fleet).changed.sequence >= whole.since;
    if (is_concerned) ids.push_back(id);
    return ids.size() < limit;
  });
  return ids;
}

}  // namespace

Devices members_of(const Reader& reader, const Audience& audience, DeviceId after,
                   std::size_t limit) {
  return std::visit(
      Overloaded{[&](const AllDevices&) { return all(reader, after, limit); },
                 [&](FleetId fleet) { return following(reader, fleet, after, limit); },
                 [&](ReleaseId release) { return targeting(reader, release, after, limit); },
                 [&](const WholeFleet& fleet) { return concerned(reader, fleet, after, limit); }},
      audience);
}

}  // namespace muster
