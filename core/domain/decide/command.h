#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/decide/commands/action_commands.h"
#include "core/domain/decide/commands/lifecycle_commands.h"
#include "core/domain/decide/commands/organisation_commands.h"
#include "core/domain/decide/commands/selected_devices.h"
#include "core/domain/event.h"
#include "core/domain/filter/view_commands.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Commands ask, in the imperative. They carry every outside fact: time, who asks, fresh uuids,
// hashes of secrets. Entities are named as users name them and looked up by `decide`.

struct CreateFleet {
  std::string slug;  // `organisation/name`
  std::string device_type;
  FleetType type = FleetType::microservices;
  Uuid uuid;
};

struct SetFleetMember {
  std::string fleet;
  std::string username;
  Role role = Role::observer;
};

struct RemoveFleetMember {
  std::string fleet;
  std::string username;
};

struct PinFleet {
  std::string fleet;
  std::string release;
};

struct TrackLatest {
  std::string fleet;
};

struct CreateRelease {
  std::string fleet;
  std::string commit;
  std::string semver;  // Empty: 0.0.0
  ReleaseStatus status = ReleaseStatus::running;
  bool draft = false;
  std::string note;
  std::string manifest;
};

/// Names a release; the fleet may be empty where the name is `id:N`.
struct ReleaseName {
  std::string fleet;
  std::string release;
};

struct FinishRelease {
  ReleaseName name;
  ReleaseStatus status = ReleaseStatus::success;
  std::string manifest;
};

struct FinalizeRelease {
  ReleaseName name;
};

struct InvalidateRelease {
  ReleaseName name;
};

struct ValidateRelease {
  ReleaseName name;
};

struct DeleteRelease {
  ReleaseName name;
};

struct RegisterDevice {
  std::string fleet;  // Ignored with a provisioning key: it is of one fleet.
  Uuid uuid;
  std::string device_type;  // Empty: the fleet's.
  std::string name;         // Empty: made from the uuid.
  std::optional<Encoding> encoding;
  std::optional<ProvisioningKeyId> provisioning_key;  // The device asks itself, with this key.
};

/// Issues a new key for a device.
struct RotateDeviceKey {
  std::string device;    // uuid
  bool at_once = false;  // Refuse the old keys now, not only from the first birth with the new one.
};

/// The device was born with its newest key. Sent by the bridge.
struct RetireDeviceKeys {
  Uuid device;
  Sequence generation;  // Of the key it used.
};

struct IssueProvisioningKey {
  std::string fleet;
  std::string name;
  Digest secret_hash{};
  std::uint32_t uses = 0;
  Timestamp expires_at;
};

struct RevokeProvisioningKey {
  std::string fleet;
  ProvisioningKeyId id;
};

struct RenameDevice {
  std::string device;  // uuid, as everywhere below
  std::string name;
};

struct NoteDevice {
  std::string device;
  std::string note;
};

struct TagDevice {
  std::string device;
  std::vector<Tag> set;
  std::vector<std::string> remove;
};

struct PinDevices {
  std::vector<std::string> devices;
  std::string release;
  std::optional<SelectedDevices> selected = std::nullopt;  // In place of `devices`.
};

struct TrackFleet {
  std::vector<std::string> devices;
  std::optional<SelectedDevices> selected = std::nullopt;  // In place of `devices`.
};

/// What a device reported; only what differs from its row becomes an event. Sent by the bridge.
struct ReportDevice {
  struct Software {
    std::string os_version;
    OsVariant os_variant = OsVariant::unknown;
    std::string agent_version;
  };
  Uuid device;
  std::optional<std::string> running_commit;  // Empty text: it runs none.
  std::optional<Software> software;
  std::optional<std::string> boot;
  std::optional<Encoding> encoding;
  bool born = false;                    // It just connected.
  std::optional<Sequence> target_done;  // The `seq` of the target that it says is done.
};

using AnyCommand =
    std::variant<Initialise, AcceptClock, AddDeviceType, CreateOrganisation, SetOrganisationMember,
                 RemoveOrganisationMember, CreateUser, SetUserEnabled, EraseUser, IssueToken,
                 RevokeToken, CreateFleet, SetFleetMember, RemoveFleetMember, PinFleet, TrackLatest,
                 CreateRelease, FinishRelease, FinalizeRelease, InvalidateRelease, ValidateRelease,
                 DeleteRelease, RegisterDevice, RenameDevice, NoteDevice, TagDevice, PinDevices,
                 TrackFleet, ReportDevice, RotateDeviceKey, RetireDeviceKeys, IssueProvisioningKey,
                 RevokeProvisioningKey, CreateView, RemoveView, QueueAction, CancelAction,
                 PublishAction, AckAction, NoteOffline, ExpireActions, MoveDevices, SetPublicUrl,
                 SetFleetPublicUrls, SetLockOverride, SetLocalMode, GrantDeviceSupport,
                 RevokeDeviceSupport, GrantFleetSupport, RevokeFleetSupport, ExpireSupport,
                 ChangeDeviceType, DeactivateDevices, DeleteDevices, ChangeFleetType, RenameFleet,
                 TransferFleet, DeleteFleet, SetBilling>;

/// What is asked for. Copied and moved in command.cc, for the reason given at Event.
struct CommandBody : AnyCommand {
  using AnyCommand::AnyCommand;
  CommandBody() = default;
  CommandBody(const CommandBody& other);
  CommandBody(CommandBody&& other) noexcept;
  CommandBody& operator=(const CommandBody& other);
  CommandBody& operator=(CommandBody&& other) noexcept;
  ~CommandBody();
};

/// A command with what is true of all of them.
struct Command {
  Actor actor;
  Ulid id;
  std::optional<Idempotency> idempotency;
  std::string reason;
  std::optional<Sequence> expect_version;     // Refused unless the entity is at this version.
  std::optional<std::uint64_t> expect_count;  // Refused unless it concerns so many devices.
  bool confirmed = false;                     // `--yes`
  bool dry_run = false;                       // Decide, append nothing.
  CommandBody body;
};

/// The longest note, in bytes.
inline constexpr std::size_t note_size_max = 10'000;

/// Most devices that may register with one provisioning key, and the longest it lasts.
inline constexpr std::uint32_t provisioning_uses_max = 1'000'000;
inline constexpr std::chrono::hours provisioning_time_max = std::chrono::hours{24} * 366;

/// Most devices one command may name.
inline constexpr std::size_t selection_size_max = 10'000;

/// Most members an organisation, or a fleet of its own, may have.
inline constexpr std::size_t members_max = 1'000;

}  // namespace muster
