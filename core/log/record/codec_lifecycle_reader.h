#pragma once

#include "core/log/record/codec_action_reader.h"

namespace muster::stored {

/// Reads also the tables of the facts about settings and the lives of devices and fleets.
class LifecycleReader : public ActionReader {
 public:
  using ActionReader::read;

  Event read(const wire::DevicePublicUrlSet& e);
  Event read(const wire::FleetPublicUrlsSet& e);
  Event read(const wire::DeviceLockOverrideSet& e);
  Event read(const wire::DeviceLocalModeSet& e);
  Event read(const wire::DeviceSettingSkipped& e);
  Event read(const wire::DeviceSupportGranted& e);
  Event read(const wire::DeviceSupportEnded& e);
  Event read(const wire::FleetSupportGranted& e);
  Event read(const wire::FleetSupportEnded& e);
  Event read(const wire::DeviceTypeChanged& e);
  Event read(const wire::DeviceDeactivated& e);
  Event read(const wire::DeviceReactivated& e);
  Event read(const wire::DeviceDeleted& e);
  Event read(const wire::FleetTypeChanged& e);
  Event read(const wire::FleetRenamed& e);
  Event read(const wire::FleetTransferred& e);
  Event read(const wire::FleetDeleted& e);
  Event read(const wire::OrganisationBillingSet& e);
};

}  // namespace muster::stored
