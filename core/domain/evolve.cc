#include "core/domain/evolve.h"

#include <algorithm>
#include <utility>

#include "core/domain/actions/evolve_actions.h"
#include "core/domain/lifecycle/lifecycle_evolve.h"

namespace muster {
namespace {

Change change_of(const Recorded& recorded) { return {recorded.sequence, recorded.meta.at}; }

// --- Organisations, users, tokens ---

void apply(Tables&, const Recorded&, const LogCreated&) {}

void apply(Tables&, const Recorded&, const LogRestored&) {}

void apply(Tables&, const Recorded&, const ClockAccepted&) {}

void apply(Tables& tables, const Recorded& recorded, const DeviceTypeAdded& e) {
  tables.add(DeviceType{.id = e.id,
                        .slug = e.slug,
                        .name = e.name,
                        .architecture = e.architecture,
                        .os_update_supported = e.os_update_supported,
                        .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const OrganisationCreated& e) {
  tables.add(Organisation{.id = e.id,
                          .handle = e.handle,
                          .name = e.name,
                          .members = {{e.administrator, OrganisationRole::administrator}},
                          .created_at = recorded.meta.at,
                          .version = recorded.sequence});
}

/// Gives `user` the role among `members`, whether it has one already or not.
template <typename AnyRole>
void set_member(std::vector<std::pair<UserId, AnyRole>>& members, UserId user, AnyRole role) {
  const auto member = std::ranges::find(members, user, &std::pair<UserId, AnyRole>::first);
  if (member != members.end()) {
    member->second = role;
  } else {
    members.emplace_back(user, role);
  }
}

template <typename AnyRole>
void remove_member(std::vector<std::pair<UserId, AnyRole>>& members, UserId user) {
  std::erase_if(members, [&](const auto& member) { return member.first == user; });
}

void apply(Tables& tables, const Recorded& recorded, const OrganisationMemberSet& e) {
  Organisation& organisation = tables.edit(e.organisation);
  set_member(organisation.members, e.user, e.role);
  organisation.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const OrganisationMemberRemoved& e) {
  Organisation& organisation = tables.edit(e.organisation);
  remove_member(organisation.members, e.user);
  organisation.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const UserCreated& e) {
  tables.add(User{.id = e.id,
                  .username = e.username,
                  .enabled = true,
                  .instance_roles = e.instance_roles,
                  .created_at = recorded.meta.at,
                  .version = recorded.sequence});
}

void set_enabled(Tables& tables, const Recorded& recorded, UserId id, bool enabled) {
  User& user = tables.edit(id);
  user.enabled = enabled;
  user.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const UserDisabled& e) {
  set_enabled(tables, recorded, e.id, false);
}

void apply(Tables& tables, const Recorded& recorded, const UserEnabled& e) {
  set_enabled(tables, recorded, e.id, true);
}

void apply(Tables& tables, const Recorded& recorded, const UserErased& e) {
  User& user = tables.edit(e.id);
  tables.forget_username(user.username);
  user.username = erased_text;
  user.enabled = false;
  user.erased = true;
  user.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded&, const NotesErased& e) {
  for (const DeviceId device : e.devices) tables.edit(device).note = erased_text;
  for (const ReleaseId release : e.releases) tables.edit(release).note = erased_text;
}

void apply(Tables& tables, const Recorded& recorded, const TokenIssued& e) {
  tables.add(Token{.id = e.id,
                   .user = e.user,
                   .name = e.name,
                   .secret_hash = e.secret_hash,
                   .role_limit = e.role_limit,
                   .expires_at = e.expires_at,
                   .revoked = false,
                   .created_at = recorded.meta.at,
                   .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const TokenRevoked& e) {
  Token& token = tables.edit(e.id);
  token.revoked = true;
  token.version = recorded.sequence;
}

// --- Fleets ---

void apply(Tables& tables, const Recorded& recorded, const FleetCreated& e) {
  tables.add(Fleet{.id = e.id,
                   .uuid = e.uuid,
                   .organisation = e.organisation,
                   .name = e.name,
                   .slug = e.slug,
                   .device_type = e.device_type,
                   .type = e.type,
                   .created_at = recorded.meta.at,
                   .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const FleetMemberSet& e) {
  Fleet& fleet = tables.edit(e.fleet);
  set_member(fleet.members, e.user, e.role);
  fleet.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const FleetMemberRemoved& e) {
  Fleet& fleet = tables.edit(e.fleet);
  remove_member(fleet.members, e.user);
  fleet.version = recorded.sequence;
}

void set_policy(Tables& tables, const Recorded& recorded, FleetId id, FleetPolicy policy) {
  Fleet& fleet = tables.edit(id);
  fleet.policy = policy;
  fleet.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const FleetPinned& e) {
  set_policy(tables, recorded, e.fleet, FleetPolicy::pinned);
}

void apply(Tables& tables, const Recorded& recorded, const FleetTrackingLatest& e) {
  set_policy(tables, recorded, e.fleet, FleetPolicy::track_latest);
}

void apply(Tables& tables, const Recorded& recorded, const FleetTargetChanged& e) {
  Fleet& fleet = tables.edit(e.fleet);
  fleet.target = e.to;
  fleet.target_changed = change_of(recorded);
  fleet.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const ProvisioningKeyIssued& e) {
  tables.add(ProvisioningKey{.id = e.id,
                             .fleet = e.fleet,
                             .name = e.name,
                             .secret_hash = e.secret_hash,
                             .uses = e.uses,
                             .expires_at = e.expires_at,
                             .created_at = recorded.meta.at,
                             .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const ProvisioningKeyRevoked& e) {
  ProvisioningKey& key = tables.edit(e.id);
  key.revoked = true;
  key.version = recorded.sequence;
}

// --- Releases ---

void apply(Tables& tables, const Recorded& recorded, const ReleaseCreated& e) {
  tables.add(Release{.id = e.id,
                     .fleet = e.fleet,
                     .commit = e.commit,
                     .semver = e.semver,
                     .revision = e.revision,
                     .status = e.status,
                     .note = e.note,
                     .note_author = e.note.empty() ? UserId{} : recorded.meta.actor.user,
                     .manifest = e.manifest,
                     .created = recorded.sequence,
                     .payload_changed = change_of(recorded),
                     .created_at = recorded.meta.at,
                     .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const ReleaseFinished& e) {
  Release& release = tables.edit(e.id);
  release.status = e.status;
  if (!e.manifest.empty()) release.manifest = e.manifest;
  release.payload_changed = change_of(recorded);
  release.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const ReleaseFinalized& e) {
  Release& release = tables.edit(e.id);
  release.revision = e.revision;
  release.payload_changed = change_of(recorded);
  release.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const ReleaseInvalidated& e) {
  Release& release = tables.edit(e.id);
  release.invalidated = true;
  release.invalidation_reason = e.reason;
  release.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const ReleaseValidated& e) {
  Release& release = tables.edit(e.id);
  release.invalidated = false;
  release.invalidation_reason.clear();
  release.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const ReleaseDeleted& e) {
  Release& release = tables.edit(e.id);
  release.deleted = true;
  release.version = recorded.sequence;
}

// --- Devices ---

void apply(Tables& tables, const Recorded& recorded, const DeviceRegistered& e) {
  tables.add(Device{.id = e.id,
                    .uuid = e.uuid,
                    .fleet = e.fleet,
                    .device_type = e.device_type,
                    .encoding = e.encoding.value_or(Encoding::json),
                    .encoding_changed = recorded.sequence,
                    .target_changed = change_of(recorded),
                    .settled = recorded.sequence,
                    .name = e.name,
                    .key_generation = recorded.sequence,
                    .key_minimum = recorded.sequence,
                    .provisioning_key = e.provisioning_key,
                    .created_at = recorded.meta.at,
                    .version = recorded.sequence});
  Fleet& fleet = tables.edit(e.fleet);
  fleet.devices += 1;
  fleet.joined = recorded.sequence;
  if (e.provisioning_key) tables.edit(*e.provisioning_key).used += 1;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceRenamed& e) {
  Device& device = tables.edit(e.id);
  device.name = e.name;
  device.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceNoted& e) {
  Device& device = tables.edit(e.id);
  device.note = e.note;
  device.note_author = e.note.empty() ? UserId{} : recorded.meta.actor.user;
  device.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceTagged& e) {
  Device& device = tables.edit(e.id);
  std::erase_if(device.tags, [&](const Tag& tag) {
    const bool replaced =
        std::ranges::any_of(e.set, [&](const Tag& set) { return set.key == tag.key; });
    return replaced || std::ranges::find(e.removed, tag.key) != e.removed.end();
  });
  device.tags.insert(device.tags.end(), e.set.begin(), e.set.end());
  std::ranges::sort(device.tags);
  device.version = recorded.sequence;
}

/// Gives the device `pin` and keeps the counts of pinned devices right.
void set_pin(Tables& tables, const Recorded& recorded, DeviceId id, std::optional<ReleaseId> pin) {
  Device& device = tables.edit(id);
  const auto before = std::exchange(device.pin, pin);
  device.target_changed = change_of(recorded);
  device.version = recorded.sequence;
  const FleetId fleet = device.fleet;
  const bool counts = device.lifecycle == Lifecycle::active;
  if (before) tables.edit(*before).pinned_devices -= 1;
  if (pin) tables.edit(*pin).pinned_devices += 1;
  if (counts && before && !pin) tables.edit(fleet).pinned_devices -= 1;
  if (counts && !before && pin) tables.edit(fleet).pinned_devices += 1;
}

void apply(Tables& tables, const Recorded& recorded, const DevicePinned& e) {
  set_pin(tables, recorded, e.id, e.release);
}

void apply(Tables& tables, const Recorded& recorded, const DeviceTrackingFleet& e) {
  set_pin(tables, recorded, e.id, std::nullopt);
}

void apply(Tables& tables, const Recorded&, const DeviceRunningChanged& e) {
  tables.edit(e.id).running_commit = e.commit;
}

void apply(Tables& tables, const Recorded&, const DeviceBooted& e) {
  tables.edit(e.id).boot = e.boot;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceKeyRotated& e) {
  Device& device = tables.edit(e.id);
  device.key_generation = recorded.sequence;
  if (e.at_once) device.key_minimum = recorded.sequence;
  device.version = recorded.sequence;
}

void apply(Tables& tables, const Recorded&, const DeviceKeyRetired& e) {
  tables.edit(e.id).key_minimum = e.generation;
}

void apply(Tables& tables, const Recorded&, const DeviceSoftwareChanged& e) {
  Device& device = tables.edit(e.id);
  device.os_version = e.os_version;
  device.os_variant = e.os_variant;
  device.agent_version = e.agent_version;
}

void apply(Tables& tables, const Recorded& recorded, const DeviceEncodingChanged& e) {
  Device& device = tables.edit(e.id);
  device.encoding = e.encoding;
  device.encoding_changed = recorded.sequence;
}

// --- Saved views ---

void apply(Tables& tables, const Recorded& recorded, const SavedViewCreated& e) {
  tables.add(SavedView{.id = e.id,
                       .owner = e.owner,
                       .name = e.name,
                       .filter = e.filter,
                       .shared_with = e.shared_with,
                       .removed = false,
                       .created_at = recorded.meta.at,
                       .version = recorded.sequence});
}

void apply(Tables& tables, const Recorded& recorded, const SavedViewRemoved& e) {
  SavedView& view = tables.edit(e.id);
  view.removed = true;
  view.version = recorded.sequence;
}

}  // namespace

void evolve(Tables& tables, const Recorded& recorded) {
  std::visit([&](const auto& event) { apply(tables, recorded, event); }, recorded.event);
}

}  // namespace muster
