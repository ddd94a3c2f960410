#include "tools/server/api/history/event_sight.h"

namespace muster {

/// By where it happened, which the device's stream remembers; a move is of both sides.
bool EventSight::sees_device_event(const Recorded& recorded, DeviceId device) {
  if (const auto* move = std::get_if<DeviceMoved>(&recorded.event)) {
    return sight_.sees(move->from) || sight_.sees(move->to);
  }
  const auto entry = history_.find(stream_of(device), recorded.sequence);
  return entry && sight_.sees(*entry);
}

bool EventSight::sees_user(UserId user) const {
  return user == caller_.user.id || caller_.asker.has(InstanceRole::administrator);
}

/// Members are for those who administer them, and each sees what concerns itself.
bool EventSight::sees_organisation_event(const Event& event, OrganisationId organisation) const {
  const auto row = reader_.find(organisation);
  if (!row) return false;
  const auto* set = std::get_if<OrganisationMemberSet>(&event);
  const auto* removed = std::get_if<OrganisationMemberRemoved>(&event);
  const bool own = (set != nullptr && set->user == caller_.user.id) ||
                   (removed != nullptr && removed->user == caller_.user.id);
  return own || administers(caller_.asker, *row) || caller_.asker.has(InstanceRole::administrator);
}

bool EventSight::sees_view(SavedViewId id) {
  const auto view = reader_.find(id);
  if (!view) return false;
  return view->owner == caller_.user.id || (view->shared_with && sight_.sees(*view->shared_with));
}

bool EventSight::sees(const Recorded& recorded) {
  if (sight_.sees_all()) return true;
  const Subject subject = subject_of(recorded.event);
  switch (subject.kind) {
    case EntityKind::log:
    case EntityKind::device_type:
      return true;
    case EntityKind::device:
      return sees_device_event(recorded, DeviceId{subject.id});
    case EntityKind::fleet:
      return sight_.sees(FleetId{subject.id});
    case EntityKind::release: {
      const auto release = reader_.find(ReleaseId{subject.id});
      return release && sight_.sees(release->fleet);
    }
    case EntityKind::provisioning_key: {
      const auto key = reader_.find(ProvisioningKeyId{subject.id});
      return key && sight_.sees(key->fleet);
    }
    case EntityKind::organisation:
      return sees_organisation_event(recorded.event, OrganisationId{subject.id});
    case EntityKind::user:
      return sees_user(UserId{subject.id});
    case EntityKind::token: {
      const auto token = reader_.find(TokenId{subject.id});
      return token && sees_user(token->user);
    }
    case EntityKind::saved_view:
      return sees_view(SavedViewId{subject.id});
  }
  return false;
}

}  // namespace muster
