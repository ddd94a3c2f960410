#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/access.h"
#include "core/domain/decide/command.h"
#include "core/domain/decide/decide.h"
#include "core/domain/decide/rejection.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/state.h"

namespace muster {

/// What every decision is made from. Lives during one `decide`.
struct Context {
  const State& state;
  const Command& command;
  Timestamp now;
  Asker asker;
};

template <typename T>
using Found = tl::expected<const T*, Rejection>;

/// Shorthand for a refusal.
[[nodiscard]] tl::unexpected<Rejection> reject(RejectionCode code, std::string entity,
                                               std::string rule, std::string remedy);

/// The fleet of that slug, if the asker has at least the role `needed` in it.
/// Rejections: unknown_fleet (also when it may not be seen), not_allowed.
[[nodiscard]] Found<Fleet> find_fleet(const Context& context, std::string_view slug, Role needed);

/// The same for a fleet that is known by id; null if the asker may not see it.
/// Rejections: not_allowed.
[[nodiscard]] Found<Fleet> allow_fleet(const Context& context, FleetId id, Role needed);

/// Whether a command may be about orphaned devices.
enum class Orphans { refused, taken };

/// The device of that uuid, if the asker has at least the role `needed` for it.
/// Rejections: invalid_uuid, unknown_device, not_allowed, device_orphaned.
[[nodiscard]] Found<Device> find_device(const Context& context, std::string_view uuid, Role needed,
                                        Orphans orphans = Orphans::refused);

/// The same for a device that is known by id; null if the asker may not see it.
/// Rejections: not_allowed, device_orphaned.
[[nodiscard]] Found<Device> allow_device(const Context& context, const Device& device, Role needed,
                                         Orphans orphans);

/// The release `name` means; see resolve_release for the rules.
/// Rejections also: release_of_other_fleet where another visible fleet has it.
[[nodiscard]] Found<Release> find_release(const Context& context, const Fleet& fleet,
                                          std::string_view name, ReleaseUse use);

/// The organisation of that handle (its capitals do not matter), if the asker may see it: as a
/// member of it or of one of its fleets, or because it manages all organisations.
/// Rejections: unknown_organisation.
[[nodiscard]] Found<Organisation> find_organisation(const Context& context,
                                                    std::string_view handle);

[[nodiscard]] Found<User> find_user(const Context& context, std::string_view username);

/// Refuses unless the asker has that instance role.
[[nodiscard]] tl::expected<void, Rejection> require(const Context& context, InstanceRole role);

/// Refuses unless the command expects `version`, or expects none.
[[nodiscard]] tl::expected<void, Rejection> check_version(const Context& context, Sequence version,
                                                          std::string_view entity);

/// Refuses unless the command expects to concern `count` devices, or says nothing about it.
[[nodiscard]] tl::expected<void, Rejection> check_count(const Context& context,
                                                        std::uint64_t count);

/// The latest eligible release of `fleet`, as if `changed` were eligible or not as said.
[[nodiscard]] std::optional<ReleaseId> latest_eligible(const State& state, FleetId fleet,
                                                       ReleaseId changed, bool changed_eligible);

/// Appends FleetTargetChanged unless the fleet targets `to` already.
void retarget(std::vector<Event>& events, const Fleet& fleet, ReleaseId to, TargetCause cause);

// One function a command; each holds that command's rules. Found in the file of its entity:
// organisation.cc, member.cc, fleet.cc, release.cc, device.cc, device_key.cc, provisioning_key.cc,
// view.cc, move.cc, and in the folders actions and lifecycle.
Decision decide_one(const Context& context, const Initialise& command);
Decision decide_one(const Context& context, const AcceptClock& command);
Decision decide_one(const Context& context, const AddDeviceType& command);
Decision decide_one(const Context& context, const CreateOrganisation& command);
Decision decide_one(const Context& context, const SetOrganisationMember& command);
Decision decide_one(const Context& context, const RemoveOrganisationMember& command);
Decision decide_one(const Context& context, const CreateUser& command);
Decision decide_one(const Context& context, const SetUserEnabled& command);
Decision decide_one(const Context& context, const EraseUser& command);
Decision decide_one(const Context& context, const IssueToken& command);
Decision decide_one(const Context& context, const RevokeToken& command);
Decision decide_one(const Context& context, const CreateFleet& command);
Decision decide_one(const Context& context, const SetFleetMember& command);
Decision decide_one(const Context& context, const RemoveFleetMember& command);
Decision decide_one(const Context& context, const PinFleet& command);
Decision decide_one(const Context& context, const TrackLatest& command);
Decision decide_one(const Context& context, const CreateRelease& command);
Decision decide_one(const Context& context, const FinishRelease& command);
Decision decide_one(const Context& context, const FinalizeRelease& command);
Decision decide_one(const Context& context, const InvalidateRelease& command);
Decision decide_one(const Context& context, const ValidateRelease& command);
Decision decide_one(const Context& context, const DeleteRelease& command);
Decision decide_one(const Context& context, const RegisterDevice& command);
Decision decide_one(const Context& context, const RenameDevice& command);
Decision decide_one(const Context& context, const NoteDevice& command);
Decision decide_one(const Context& context, const TagDevice& command);
Decision decide_one(const Context& context, const PinDevices& command);
Decision decide_one(const Context& context, const TrackFleet& command);
Decision decide_one(const Context& context, const CreateView& command);
Decision decide_one(const Context& context, const RemoveView& command);
Decision decide_one(const Context& context, const ReportDevice& command);
Decision decide_one(const Context& context, const RotateDeviceKey& command);
Decision decide_one(const Context& context, const RetireDeviceKeys& command);
Decision decide_one(const Context& context, const IssueProvisioningKey& command);
Decision decide_one(const Context& context, const RevokeProvisioningKey& command);
Decision decide_one(const Context& context, const SetPublicUrl& command);
Decision decide_one(const Context& context, const SetFleetPublicUrls& command);
Decision decide_one(const Context& context, const SetLockOverride& command);
Decision decide_one(const Context& context, const SetLocalMode& command);
Decision decide_one(const Context& context, const GrantDeviceSupport& command);
Decision decide_one(const Context& context, const RevokeDeviceSupport& command);
Decision decide_one(const Context& context, const GrantFleetSupport& command);
Decision decide_one(const Context& context, const RevokeFleetSupport& command);
Decision decide_one(const Context& context, const ExpireSupport& command);
Decision decide_one(const Context& context, const ChangeDeviceType& command);
Decision decide_one(const Context& context, const DeactivateDevices& command);
Decision decide_one(const Context& context, const DeleteDevices& command);
Decision decide_one(const Context& context, const ChangeFleetType& command);
Decision decide_one(const Context& context, const RenameFleet& command);
Decision decide_one(const Context& context, const TransferFleet& command);
Decision decide_one(const Context& context, const DeleteFleet& command);
Decision decide_one(const Context& context, const SetBilling& command);
Decision decide_one(const Context& context, const QueueAction& command);
Decision decide_one(const Context& context, const CancelAction& command);
Decision decide_one(const Context& context, const PublishAction& command);
Decision decide_one(const Context& context, const AckAction& command);
Decision decide_one(const Context& context, const NoteOffline& command);
Decision decide_one(const Context& context, const ExpireActions& command);
Decision decide_one(const Context& context, const MoveDevices& command);

}  // namespace muster
