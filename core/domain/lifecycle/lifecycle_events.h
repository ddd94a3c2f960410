#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

// Facts about the lives of devices and fleets: what they become, and how they end.

struct DeviceTypeChanged {
  DeviceId id;
  DeviceTypeId device_type;
  DeviceTypeId previous;
};

/// It gets no target and no actions until it is born again.
struct DeviceDeactivated {
  DeviceId id;
  OrganisationId organisation;  // That the one-time fee is charged to.
};

/// It was born, and is active again.
struct DeviceReactivated {
  DeviceId id;
};

struct DeviceDeleted {
  DeviceId id;
  std::optional<ReleaseId> previous_pin;
};

struct FleetTypeChanged {
  FleetId fleet;
  FleetType type = FleetType::microservices;
  FleetType previous = FleetType::microservices;
  std::uint32_t os_unknown = 0;  // Devices whose OS version was not known, so not checked.
};

struct FleetRenamed {
  FleetId fleet;
  std::string name;
  std::string slug;
  std::string previous_slug;
};

/// The fleet belongs to another organisation from now on, with all that is in it. The empty fleet
/// that kept its place there is gone, and so is the own membership of who did it.
struct FleetTransferred {
  FleetId fleet;
  OrganisationId organisation;
  OrganisationId previous_organisation;
  std::string slug;
  std::string previous_slug;
  FleetId placeholder;
  UserId leaver;
};

/// The fleet is gone, and the devices in it are orphaned.
struct FleetDeleted {
  FleetId fleet;
  std::uint32_t devices = 0;  // How many that are.
};

struct OrganisationBillingSet {
  OrganisationId organisation;
  bool valid = false;
};

}  // namespace muster
