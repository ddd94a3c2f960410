#pragma once

#include <string>

#include "core/domain/event.h"

namespace muster::test {

// What the facts about settings and lives say, as domain_text.h has it: without their names.
std::string lifecycle_text(const DevicePublicUrlSet& e);
std::string lifecycle_text(const FleetPublicUrlsSet& e);
std::string lifecycle_text(const DeviceLockOverrideSet& e);
std::string lifecycle_text(const DeviceLocalModeSet& e);
std::string lifecycle_text(const DeviceSettingSkipped& e);
std::string lifecycle_text(const DeviceSupportGranted& e);
std::string lifecycle_text(const DeviceSupportEnded& e);
std::string lifecycle_text(const FleetSupportGranted& e);
std::string lifecycle_text(const FleetSupportEnded& e);
std::string lifecycle_text(const DeviceTypeChanged& e);
std::string lifecycle_text(const DeviceDeactivated& e);
std::string lifecycle_text(const DeviceReactivated& e);
std::string lifecycle_text(const DeviceDeleted& e);
std::string lifecycle_text(const FleetTypeChanged& e);
std::string lifecycle_text(const FleetRenamed& e);
std::string lifecycle_text(const FleetTransferred& e);
std::string lifecycle_text(const FleetDeleted& e);
std::string lifecycle_text(const OrganisationBillingSet& e);

}  // namespace muster::test
