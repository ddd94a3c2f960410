#include "tests/support/lifecycle_text.h"

#include <fmt/format.h>

#include <string_view>

namespace muster::test {
namespace {

std::string_view on(bool enabled) { return enabled ? "on" : "off"; }

}  // namespace

std::string lifecycle_text(const DevicePublicUrlSet& e) {
  return fmt::format("{} {}", e.id.value(), on(e.enabled));
}

std::string lifecycle_text(const FleetPublicUrlsSet& e) {
  return fmt::format("{} {} devices={}", e.fleet.value(), on(e.enabled), e.devices);
}

std::string lifecycle_text(const DeviceLockOverrideSet& e) {
  std::string text = fmt::format("{} {}{}", e.id.value(), on(e.enabled), e.keep ? " keep" : "");
  if (e.target_done > Sequence{}) text += fmt::format(" done={}", e.target_done.value());
  return text;
}

std::string lifecycle_text(const DeviceLocalModeSet& e) {
  return fmt::format("{} {}", e.id.value(), on(e.enabled));
}

std::string lifecycle_text(const DeviceSettingSkipped& e) {
  return fmt::format("{} setting={} why={}", e.id.value(), to_string(e.setting), to_string(e.why));
}

std::string lifecycle_text(const DeviceSupportGranted& e) {
  return fmt::format("{}", e.id.value());
}

std::string lifecycle_text(const DeviceSupportEnded& e) {
  return fmt::format("{} {}", e.id.value(), to_string(e.how));
}

std::string lifecycle_text(const FleetSupportGranted& e) {
  return fmt::format("{}", e.fleet.value());
}

std::string lifecycle_text(const FleetSupportEnded& e) {
  return fmt::format("{} {}", e.fleet.value(), to_string(e.how));
}

std::string lifecycle_text(const DeviceTypeChanged& e) {
  return fmt::format("{} to={} was={}", e.id.value(), e.device_type.value(), e.previous.value());
}

std::string lifecycle_text(const DeviceDeactivated& e) {
  return fmt::format("{} org={}", e.id.value(), e.organisation.value());
}

std::string lifecycle_text(const DeviceReactivated& e) { return fmt::format("{}", e.id.value()); }

std::string lifecycle_text(const DeviceDeleted& e) {
  return fmt::format("{} was={}", e.id.value(),
                     e.previous_pin ? fmt::to_string(e.previous_pin->value()) : "-");
}

std::string lifecycle_text(const FleetTypeChanged& e) {
  return fmt::format("{} {} was={} os-unknown={}", e.fleet.value(), to_string(e.type),
                     to_string(e.previous), e.os_unknown);
}

std::string lifecycle_text(const FleetRenamed& e) {
  return fmt::format("{} {} {} was={}", e.fleet.value(), e.name, e.slug, e.previous_slug);
}

std::string lifecycle_text(const FleetTransferred& e) {
  return fmt::format("{} to={} {} was={} {} placeholder={} leaver={}", e.fleet.value(),
                     e.organisation.value(), e.slug, e.previous_organisation.value(),
                     e.previous_slug, e.placeholder.value(), e.leaver.value());
}

std::string lifecycle_text(const FleetDeleted& e) {
  return fmt::format("{} devices={}", e.fleet.value(), e.devices);
}

std::string lifecycle_text(const OrganisationBillingSet& e) {
  return fmt::format("{} {}", e.organisation.value(), e.valid ? "valid" : "invalid");
}

}  // namespace muster::test
