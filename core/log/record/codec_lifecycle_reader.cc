#include "core/log/record/codec_lifecycle_reader.h"

namespace muster::stored {

Event LifecycleReader::read(const wire::DevicePublicUrlSet& e) {
  return DevicePublicUrlSet{DeviceId(e.id()), e.enabled()};
}

Event LifecycleReader::read(const wire::FleetPublicUrlsSet& e) {
  return FleetPublicUrlsSet{FleetId(e.fleet()), e.enabled(), e.devices()};
}

Event LifecycleReader::read(const wire::DeviceLockOverrideSet& e) {
  return DeviceLockOverrideSet{DeviceId(e.id()), e.enabled(), e.keep(), Sequence(e.target_done())};
}

Event LifecycleReader::read(const wire::DeviceLocalModeSet& e) {
  return DeviceLocalModeSet{DeviceId(e.id()), e.enabled()};
}

Event LifecycleReader::read(const wire::DeviceSettingSkipped& e) {
  return DeviceSettingSkipped{DeviceId(e.id()), known<Setting>(e.setting(), "setting"),
                              known<SettingSkip>(e.why(), "reason")};
}

Event LifecycleReader::read(const wire::DeviceSupportGranted& e) {
  return DeviceSupportGranted{DeviceId(e.id()), time(e.until_us())};
}

Event LifecycleReader::read(const wire::DeviceSupportEnded& e) {
  return DeviceSupportEnded{DeviceId(e.id()), known<GrantEnd>(e.how(), "end")};
}

Event LifecycleReader::read(const wire::FleetSupportGranted& e) {
  return FleetSupportGranted{FleetId(e.fleet()), time(e.until_us())};
}

Event LifecycleReader::read(const wire::FleetSupportEnded& e) {
  return FleetSupportEnded{FleetId(e.fleet()), known<GrantEnd>(e.how(), "end")};
}

Event LifecycleReader::read(const wire::DeviceTypeChanged& e) {
  return DeviceTypeChanged{DeviceId(e.id()), DeviceTypeId(e.device_type()),
                           DeviceTypeId(e.previous())};
}

Event LifecycleReader::read(const wire::DeviceDeactivated& e) {
  return DeviceDeactivated{DeviceId(e.id()), OrganisationId(e.organisation())};
}

Event LifecycleReader::read(const wire::DeviceReactivated& e) {
  return DeviceReactivated{DeviceId(e.id())};
}

Event LifecycleReader::read(const wire::DeviceDeleted& e) {
  return DeviceDeleted{DeviceId(e.id()), id<ReleaseId>(e.previous_pin())};
}

Event LifecycleReader::read(const wire::FleetTypeChanged& e) {
  return FleetTypeChanged{FleetId(e.fleet()), known<FleetType>(e.type(), "fleet type"),
                          known<FleetType>(e.previous(), "fleet type"), e.os_unknown()};
}

Event LifecycleReader::read(const wire::FleetRenamed& e) {
  return FleetRenamed{FleetId(e.fleet()), text(e.name()), text(e.slug()), text(e.previous_slug())};
}

Event LifecycleReader::read(const wire::FleetTransferred& e) {
  return FleetTransferred{FleetId(e.fleet()),
                          OrganisationId(e.organisation()),
                          OrganisationId(e.previous_organisation()),
                          text(e.slug()),
                          text(e.previous_slug()),
                          FleetId(e.placeholder()),
                          UserId(e.leaver())};
}

Event LifecycleReader::read(const wire::FleetDeleted& e) {
  return FleetDeleted{FleetId(e.fleet()), e.devices()};
}

Event LifecycleReader::read(const wire::OrganisationBillingSet& e) {
  return OrganisationBillingSet{OrganisationId(e.organisation()), e.valid()};
}

}  // namespace muster::stored
