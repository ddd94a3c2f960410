#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/uuid.h"
#include "core/domain/device_events.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// What the events add up to, one row per entity. Plain values; `version` is the sequence of the
// last event that changed what is *wanted* of the entity (reports of devices do not count).

/// When an entity's part of some device's target last changed.
struct Change {
  Sequence sequence;
  Timestamp at;

  friend auto operator<=>(const Change&, const Change&) = default;
};

struct DeviceType {
  DeviceTypeId id;
  std::string slug;
  std::string name;
  std::string architecture;
  bool os_update_supported = false;
  Sequence version;
};

struct Organisation {
  OrganisationId id;
  std::string handle;
  std::string name;
  std::vector<std::pair<UserId, OrganisationRole>> members;
  bool billing_valid = false;
  std::uint32_t deactivation_fees = 0;  // One for each deactivation of a device.
  Timestamp created_at;
  Sequence version;
};

struct User {
  UserId id;
  std::string username;
  bool enabled = true;
  std::uint8_t instance_roles = 0;  // Bits of InstanceRole.
  bool erased = false;              // Its name and its notes are gone for good.
  Timestamp created_at;
  Sequence version;

  [[nodiscard]] bool has(InstanceRole role) const noexcept {
    return (instance_roles & static_cast<std::uint8_t>(role)) != 0;
  }
};

struct Token {
  TokenId id;
  UserId user;
  std::string name;
  Digest secret_hash{};
  std::optional<Role> role_limit;
  std::optional<Timestamp> expires_at;
  bool revoked = false;
  Timestamp created_at;
  Sequence version;
};

/// A change of the public URLs of all devices that a fleet had then.
struct UrlStamp {
  Change changed;
  bool enabled = false;
};

/// Support access to all devices of a fleet.
struct FleetSupport {
  Timestamp until;    // 1970: none was granted, or it was revoked.
  Timestamp longest;  // That was ever granted.
  Change changed;
  Sequence ended;  // The event that says so; 0: it runs, or there is none.
};

struct Fleet {
  FleetId id;
  Uuid uuid;
  OrganisationId organisation;
  std::string name;
  std::string slug;
  DeviceTypeId device_type;
  FleetType type = FleetType::microservices;
  FleetPolicy policy = FleetPolicy::track_latest;
  std::optional<ReleaseId> target;
  Change target_changed;
  std::vector<std::pair<UserId, Role>> members;
  std::uint32_t devices = 0;         // Active ones.
  std::uint32_t pinned_devices = 0;  // Those of them with a pin of their own.
  std::uint32_t deactivated_devices = 0;
  std::uint32_t public_urls = 0;     // Active devices whose public URL is on.
  std::vector<UrlStamp> url_stamps;  // Those that still tell devices apart; see settings.h.
  FleetSupport support;
  Sequence deleted;  // The event that says so; 0: it is there.
  Sequence vouched;  // Who gave it away answers for the actions queued before this; 0: nobody.
  Sequence joined;   // When a device last became one of its active ones.
  Timestamp created_at;
  Sequence version;

  [[nodiscard]] bool is_deleted() const noexcept { return deleted != Sequence{}; }
};

/// With it devices register themselves in its fleet.
struct ProvisioningKey {
  ProvisioningKeyId id;
  FleetId fleet;
  std::string name;
  Digest secret_hash{};
  std::uint32_t uses = 0;  // How many devices may register.
  std::uint32_t used = 0;  // How many have.
  Timestamp expires_at;
  bool revoked = false;
  Timestamp created_at;
  Sequence version;
};

struct Release {
  ReleaseId id;
  FleetId fleet;
  std::string commit;
  std::string semver;
  std::optional<std::uint32_t> revision;  // None: a draft.
  ReleaseStatus status = ReleaseStatus::running;
  bool invalidated = false;
  std::string invalidation_reason;
  std::string note;
  UserId note_author;  // 0: there is no note, or Muster itself wrote it.
  std::string manifest;
  bool deleted = false;
  std::uint32_t pinned_devices = 0;
  Sequence created;        // Decides which release is the latest.
  Change payload_changed;  // What devices are told of it: draft, manifest.
  Timestamp created_at;
  Sequence version;

  [[nodiscard]] bool draft() const noexcept { return !revision.has_value(); }

  /// May be the target of a fleet that tracks the latest release.
  [[nodiscard]] bool eligible() const noexcept {
    return status == ReleaseStatus::success && !draft() && !invalidated && !deleted;
  }

  /// May be pinned to.
  [[nodiscard]] bool pinnable() const noexcept {
    return status == ReleaseStatus::success && !invalidated && !deleted;
  }
};

/// What is on or off for a device, each a bit.
enum class DeviceFlag : std::uint8_t {
  public_url = 1,  // As set for the device itself; see settings.h.
  local_mode = 2,
  lock_override = 4,
  keep_override = 8,     // Also when the current target is done.
  support_expired = 16,  // An event said so.
};

struct Device {
  DeviceId id;
  Uuid uuid;
  FleetId fleet;
  DeviceTypeId device_type;
  Lifecycle lifecycle = Lifecycle::active;
  OsVariant os_variant = OsVariant::unknown;
  Encoding encoding = Encoding::json;  // What it asked for last.
  std::uint8_t flags = 0;              // Bits of DeviceFlag.
  Sequence encoding_changed;
  std::optional<ReleaseId> pin;
  Change target_changed;    // By its own joining, pin, tracking, settings or `after_action`.
  Sequence after_action;    // No target is applied before this purge of a move is done; 0: none.
  Sequence settled;         // What its fleet set for all devices before this does not concern it.
  Timestamp support_until;  // Access to it alone; 1970: none was granted, or it was revoked.
  std::string name;
  std::string note;
  UserId note_author;     // 0: there is no note, or Muster itself wrote it.
  std::vector<Tag> tags;  // Sorted by key; keys are unique.
  std::string os_version;
  std::string agent_version;
  std::string running_commit;
  std::string boot;
  Sequence key_generation;  // Of its newest key: the sequence of the event that issued it.
  Sequence key_minimum;     // Keys of an older generation are refused.
  std::optional<ProvisioningKeyId> provisioning_key;
  Timestamp created_at;
  Sequence version;

  [[nodiscard]] bool has(DeviceFlag flag) const noexcept {
    return (flags & static_cast<std::uint8_t>(flag)) != 0;
  }

  void set(DeviceFlag flag, bool on) noexcept {
    const auto bit = static_cast<std::uint8_t>(flag);
    flags = static_cast<std::uint8_t>(on ? flags | bit : flags & ~bit);
  }
};

/// A named filter of devices. Removed ones stay, in no list.
struct SavedView {
  SavedViewId id;
  UserId owner;
  std::string name;
  std::string filter;
  std::optional<FleetId> shared_with;
  bool removed = false;
  Timestamp created_at;
  Sequence version;
};

}  // namespace muster
