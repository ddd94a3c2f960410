#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "core/domain/reach.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Facts about devices.

struct DeviceRegistered {
  DeviceId id;
  Uuid uuid;
  FleetId fleet;
  DeviceTypeId device_type;
  std::string name;
  std::optional<Encoding> encoding;                   // None: not said, so JSON.
  std::optional<ProvisioningKeyId> provisioning_key;  // With which it registered itself.
  std::optional<DeviceId> previous;                   // That had the uuid before.
};

struct DeviceRenamed {
  DeviceId id;
  std::string name;
};

struct DeviceNoted {
  DeviceId id;
  std::string note;  // Personal: sealed with the key of its author.
};

struct Tag {
  std::string key;
  std::string value;

  friend auto operator<=>(const Tag&, const Tag&) = default;
};

struct DeviceTagged {
  DeviceId id;
  std::vector<Tag> set;
  std::vector<std::string> removed;  // Keys.
};

// Of several pins in one command the last one says how the fleets of all of them are now.

struct DevicePinned {
  DeviceId id;
  ReleaseId release;
  std::optional<ReleaseId> previous_pin;
  std::optional<Reach> reach = std::nullopt;
};

struct DeviceTrackingFleet {
  DeviceId id;
  ReleaseId previous_pin;
  std::optional<Reach> reach = std::nullopt;
};

/// It is of another fleet now. Name, note, tags and settings stay, the pin does not.
struct DeviceMoved {
  DeviceId id;
  FleetId from;
  FleetId to;
  std::optional<ReleaseId> pin;  // A release of the new fleet.
  std::optional<ReleaseId> previous_pin;
  std::optional<FleetId> data_of;  // Whose data it keeps until that is purged.
};

/// A new key was issued for the device; its generation is the sequence of this event.
struct DeviceKeyRotated {
  DeviceId id;
  Sequence previous;     // Generation of the newest key before.
  bool at_once = false;  // Older keys are refused from now on, not from the first birth.
};

/// The device used its new key: older ones are refused from now on.
struct DeviceKeyRetired {
  DeviceId id;
  Sequence generation;  // Of the oldest key that is still good.
};

// What a device itself reported, and only when it changed.

struct DeviceRunningChanged {
  DeviceId id;
  std::string commit;  // Empty: it runs no release.
};

struct DeviceSoftwareChanged {
  DeviceId id;
  std::string os_version;
  OsVariant os_variant = OsVariant::unknown;
  std::string agent_version;
};

struct DeviceBooted {
  DeviceId id;
  std::string boot;
};

struct DeviceEncodingChanged {
  DeviceId id;
  Encoding encoding = Encoding::json;
};

}  // namespace muster
