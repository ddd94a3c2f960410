#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster {

// The closed sets of words of the domain. The numbers are stored in events: never renumber.

/// Rights in one fleet; each role has all rights of those before it.
enum class Role : std::uint8_t {
  observer = 1,
  fleet_operator = 2,
  developer = 3,
  administrator = 4
};

/// Rights in one organisation. Administrators administer all of its fleets, too; plain members have
/// no part in a fleet unless they are added to it.
enum class OrganisationRole : std::uint8_t { member = 1, administrator = 2 };

/// Rights in the whole installation; they open no fleet. Bits of `User::instance_roles`.
enum class InstanceRole : std::uint8_t { administrator = 1, auditor = 2, support = 4 };

enum class FleetType : std::uint8_t {
  starter = 1,
  microservices = 2,
  essentials = 3,
  classic = 4,
  legacy = 5
};

enum class FleetPolicy : std::uint8_t { track_latest = 1, pinned = 2 };

enum class ReleaseStatus : std::uint8_t { running = 1, success = 2, failed = 3, cancelled = 4 };

enum class Lifecycle : std::uint8_t { active = 1, deactivated = 2, orphaned = 3, deleted = 4 };

enum class OsVariant : std::uint8_t { unknown = 0, production = 1, development = 2 };

/// How the messages between a device and the server are written.
enum class Encoding : std::uint8_t { json = 1, flatbuffers = 2 };

/// What a device can be told to do.
enum class ActionKind : std::uint8_t {
  restart = 1,
  purge = 2,
  reboot = 3,
  shutdown = 4,
  os_update = 5,
  blink = 6
};

/// Where an action of a device is. From `succeeded` on it is over.
enum class ActionState : std::uint8_t {
  queued = 1,
  delivered = 2,
  started = 3,
  succeeded = 4,
  failed = 5,
  rejected = 6,
  expired = 7,
  cancelled = 8,
  superseded = 9,
  skipped = 10
};

/// Why an action is over, or is to be withdrawn.
enum class EndCause : std::uint8_t {
  answered = 1,       // The device said so.
  went_offline = 2,   // A shutdown that had started.
  not_delivered = 3,  // In time, as the next two.
  not_started = 4,
  no_result = 5,
  asked = 6,  // Somebody cancelled it.
  replaced = 7,
  moved = 8,
  deactivated = 9,
  deleted = 10,
  orphaned = 11,
  requester_not_allowed = 12,
  user_disabled = 13,
  not_needed = 14,
  agent_too_old = 15,
  os_is_newer = 16,
  type_unsupported = 17,
  not_online = 18,
  stopped_after_failures = 19,
  type_changed = 20
};

// The words as users write and read them, and back; nullopt for any other text.
std::string_view to_string(Role role) noexcept;
std::string_view to_string(OrganisationRole role) noexcept;
std::string_view to_string(InstanceRole role) noexcept;
std::string_view to_string(FleetType type) noexcept;
std::string_view to_string(FleetPolicy policy) noexcept;
std::string_view to_string(ReleaseStatus status) noexcept;
std::string_view to_string(Lifecycle lifecycle) noexcept;
std::string_view to_string(OsVariant variant) noexcept;
std::string_view to_string(Encoding encoding) noexcept;
std::string_view to_string(ActionKind kind) noexcept;
std::string_view to_string(ActionState state) noexcept;
std::string_view to_string(EndCause cause) noexcept;

std::optional<Role> parse_role(std::string_view text) noexcept;
std::optional<OrganisationRole> parse_organisation_role(std::string_view text) noexcept;
std::optional<InstanceRole> parse_instance_role(std::string_view text) noexcept;
std::optional<FleetType> parse_fleet_type(std::string_view text) noexcept;
std::optional<ReleaseStatus> parse_release_status(std::string_view text) noexcept;
std::optional<Lifecycle> parse_lifecycle(std::string_view text) noexcept;
std::optional<OsVariant> parse_os_variant(std::string_view text) noexcept;
std::optional<Encoding> parse_encoding(std::string_view text) noexcept;
std::optional<ActionKind> parse_action_kind(std::string_view text) noexcept;
std::optional<ActionState> parse_action_state(std::string_view text) noexcept;

}  // namespace muster
