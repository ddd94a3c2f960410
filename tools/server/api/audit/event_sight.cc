#include "tools/server/api/audit/event_sight.h"

namespace muster {
namespace {

bool sees_device(const Reader& reader, const Sight& sight, const Recorded& recorded, DeviceId id) {
  const auto device = reader.find(id);
  if (!device || !sight.sees(*device)) return false;
  const auto queue = reader.find_queue(id);
  return !queue || recorded.sequence >= queue->joined;
}

bool sees_fleet(const Reader& reader, const Sight& sight, FleetId id) {
  const auto fleet = reader.find(id);
  return fleet && sight.sees(*fleet);
}

/// The fleet of what has that id, and is of a fleet.
template <typename Id>
FleetId fleet_of(const Reader& reader, Id id) {
  const auto row = reader.find(id);
  return row ? row->fleet : FleetId{};
}

}  // namespace

bool sees_event(const Reader& reader, const Caller& caller, const Sight& sight,
                const Recorded& recorded) {
  if (caller.asker.has(InstanceRole::auditor)) return true;
  const Subject subject = subject_of(recorded.event);
  switch (subject.kind) {
    case EntityKind::device:
      return sees_device(reader, sight, recorded, DeviceId{subject.id});
    case EntityKind::fleet:
      return sees_fleet(reader, sight, FleetId{subject.id});
    case EntityKind::release:
      return sees_fleet(reader, sight, fleet_of(reader, ReleaseId{subject.id}));
    case EntityKind::provisioning_key:
      return sees_fleet(reader, sight, fleet_of(reader, ProvisioningKeyId{subject.id}));
    case EntityKind::organisation: {
      const auto organisation = reader.find(OrganisationId{subject.id});
      return organisation && administers(caller.asker, *organisation);
    }
    case EntityKind::user:
      return UserId{subject.id} == caller.user.id;
    case EntityKind::token: {
      const auto token = reader.find(TokenId{subject.id});
      return token && token->user == caller.user.id;
    }
    case EntityKind::saved_view: {
      const auto view = reader.find(SavedViewId{subject.id});
      return view && sight.sees(*view);
    }
    case EntityKind::log:
    case EntityKind::device_type:
      return false;
  }
  return false;
}

}  // namespace muster
