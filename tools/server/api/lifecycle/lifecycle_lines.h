#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/domain/event.h"
#include "tools/server/api/commands/names.h"

namespace muster {

// What answers tell of the facts about settings and lives, for their line in `changes`.
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DevicePublicUrlSet& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetPublicUrlsSet& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceLockOverrideSet& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceLocalModeSet& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceSettingSkipped& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceSupportGranted& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceSupportEnded& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetSupportGranted& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetSupportEnded& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceTypeChanged& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceDeactivated& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceReactivated& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const DeviceDeleted& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetTypeChanged& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetRenamed& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetTransferred& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const FleetDeleted& e, Names& names);
[[nodiscard]] nlohmann::ordered_json lifecycle_line(const OrganisationBillingSet& e, Names& names);

}  // namespace muster
