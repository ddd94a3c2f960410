#include "tools/server/api/lifecycle/lifecycle_lines.h"

#include <nlohmann/json.hpp>

#include "core/domain/vocabulary.h"

namespace muster {

using Json = nlohmann::ordered_json;

Json lifecycle_line(const DevicePublicUrlSet& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"public_url", e.enabled}};
}

Json lifecycle_line(const FleetPublicUrlsSet& e, Names& names) {
  return Json{{"fleet", names.of(e.fleet)}, {"public_urls", e.enabled}, {"devices", e.devices}};
}

Json lifecycle_line(const DeviceLockOverrideSet& e, Names& names) {
  Json json{{"device", names.of(e.id)}, {"lock_override", e.enabled}, {"keep", e.keep}};
  if (e.target_done > Sequence{}) json["target_done"] = e.target_done.value();
  return json;
}

Json lifecycle_line(const DeviceLocalModeSet& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"local_mode", e.enabled}};
}

Json lifecycle_line(const DeviceSettingSkipped& e, Names& names) {
  return Json{
      {"device", names.of(e.id)}, {"setting", to_string(e.setting)}, {"skipped", to_string(e.why)}};
}

Json lifecycle_line(const DeviceSupportGranted& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"support_until", to_rfc3339(e.until)}};
}

Json lifecycle_line(const DeviceSupportEnded& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"support_ended", to_string(e.how)}};
}

Json lifecycle_line(const FleetSupportGranted& e, Names& names) {
  return Json{{"fleet", names.of(e.fleet)}, {"support_until", to_rfc3339(e.until)}};
}

Json lifecycle_line(const FleetSupportEnded& e, Names& names) {
  return Json{{"fleet", names.of(e.fleet)}, {"support_ended", to_string(e.how)}};
}

Json lifecycle_line(const DeviceTypeChanged& e, Names& names) {
  return Json{
      {"device", names.of(e.id)}, {"from", names.of(e.previous)}, {"to", names.of(e.device_type)}};
}

Json lifecycle_line(const DeviceDeactivated& e, Names& names) {
  return Json{{"device", names.of(e.id)},
              {"lifecycle", to_string(Lifecycle::deactivated)},
              {"charged_to", names.of(e.organisation)}};
}

Json lifecycle_line(const DeviceReactivated& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"lifecycle", to_string(Lifecycle::active)}};
}

Json lifecycle_line(const DeviceDeleted& e, Names& names) {
  return Json{{"device", names.of(e.id)}, {"lifecycle", to_string(Lifecycle::deleted)}};
}

Json lifecycle_line(const FleetTypeChanged& e, Names& names) {
  return Json{{"fleet", names.of(e.fleet)},
              {"from", to_string(e.previous)},
              {"to", to_string(e.type)},
              {"os_unknown", e.os_unknown}};
}

Json lifecycle_line(const FleetRenamed& e, Names& /*names*/) {
  return Json{{"slug", e.slug}, {"name", e.name}, {"from", e.previous_slug}, {"to", e.slug}};
}

Json lifecycle_line(const FleetTransferred& e, Names& names) {
  return Json{{"slug", e.slug},
              {"from", names.of(e.previous_organisation)},
              {"to", names.of(e.organisation)},
              {"previous_slug", e.previous_slug},
              {"left", names.of(e.leaver)}};
}

Json lifecycle_line(const FleetDeleted& e, Names& names) {
  return Json{{"fleet", names.of(e.fleet)}, {"orphaned", e.devices}};
}

Json lifecycle_line(const OrganisationBillingSet& e, Names& names) {
  return Json{{"organisation", names.of(e.organisation)}, {"billing_valid", e.valid}};
}

}  // namespace muster
