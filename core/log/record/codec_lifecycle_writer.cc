#include "core/log/record/codec_lifecycle_writer.h"

namespace muster {

WirePayload LifecycleWriter::operator()(const DevicePublicUrlSet& e) {
  return payload(wire::CreateDevicePublicUrlSet(builder_, e.id.value(), e.enabled));
}

WirePayload LifecycleWriter::operator()(const FleetPublicUrlsSet& e) {
  return payload(wire::CreateFleetPublicUrlsSet(builder_, e.fleet.value(), e.enabled, e.devices));
}

WirePayload LifecycleWriter::operator()(const DeviceLockOverrideSet& e) {
  return payload(wire::CreateDeviceLockOverrideSet(builder_, e.id.value(), e.enabled, e.keep,
                                                   e.target_done.value()));
}

WirePayload LifecycleWriter::operator()(const DeviceLocalModeSet& e) {
  return payload(wire::CreateDeviceLocalModeSet(builder_, e.id.value(), e.enabled));
}

WirePayload LifecycleWriter::operator()(const DeviceSettingSkipped& e) {
  return payload(wire::CreateDeviceSettingSkipped(builder_, e.id.value(),
                                                  same_number<wire::Setting>(e.setting),
                                                  same_number<wire::SettingSkip>(e.why)));
}

WirePayload LifecycleWriter::operator()(const DeviceSupportGranted& e) {
  return payload(wire::CreateDeviceSupportGranted(builder_, e.id.value(), micros(e.until)));
}

WirePayload LifecycleWriter::operator()(const DeviceSupportEnded& e) {
  return payload(
      wire::CreateDeviceSupportEnded(builder_, e.id.value(), same_number<wire::GrantEnd>(e.how)));
}

WirePayload LifecycleWriter::operator()(const FleetSupportGranted& e) {
  return payload(wire::CreateFleetSupportGranted(builder_, e.fleet.value(), micros(e.until)));
}

WirePayload LifecycleWriter::operator()(const FleetSupportEnded& e) {
  return payload(
      wire::CreateFleetSupportEnded(builder_, e.fleet.value(), same_number<wire::GrantEnd>(e.how)));
}

WirePayload LifecycleWriter::operator()(const DeviceTypeChanged& e) {
  return payload(wire::CreateDeviceTypeChanged(builder_, e.id.value(), e.device_type.value(),
                                               e.previous.value()));
}

WirePayload LifecycleWriter::operator()(const DeviceDeactivated& e) {
  return payload(wire::CreateDeviceDeactivated(builder_, e.id.value(), e.organisation.value()));
}

WirePayload LifecycleWriter::operator()(const DeviceReactivated& e) {
  return payload(wire::CreateDeviceReactivated(builder_, e.id.value()));
}

WirePayload LifecycleWriter::operator()(const DeviceDeleted& e) {
  return payload(wire::CreateDeviceDeleted(builder_, e.id.value(), number(e.previous_pin)));
}

WirePayload LifecycleWriter::operator()(const FleetTypeChanged& e) {
  return payload(
      wire::CreateFleetTypeChanged(builder_, e.fleet.value(), same_number<wire::FleetType>(e.type),
                                   same_number<wire::FleetType>(e.previous), e.os_unknown));
}

WirePayload LifecycleWriter::operator()(const FleetRenamed& e) {
  const Text name = text(e.name);
  const Text slug = text(e.slug);
  const Text previous_slug = text(e.previous_slug);
  return payload(wire::CreateFleetRenamed(builder_, e.fleet.value(), name, slug, previous_slug));
}

WirePayload LifecycleWriter::operator()(const FleetTransferred& e) {
  const Text slug = text(e.slug);
  const Text previous_slug = text(e.previous_slug);
  return payload(wire::CreateFleetTransferred(builder_, e.fleet.value(), e.organisation.value(),
                                              e.previous_organisation.value(), slug, previous_slug,
                                              e.placeholder.value(), e.leaver.value()));
}

WirePayload LifecycleWriter::operator()(const FleetDeleted& e) {
  return payload(wire::CreateFleetDeleted(builder_, e.fleet.value(), e.devices));
}

WirePayload LifecycleWriter::operator()(const OrganisationBillingSet& e) {
  return payload(wire::CreateOrganisationBillingSet(builder_, e.organisation.value(), e.valid));
}

}  // namespace muster
