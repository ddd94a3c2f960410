#pragma once

#include "core/domain/event.h"
#include "core/log/record/codec_action_writer.h"

namespace muster {

/// Builds also the tables of the facts about settings and the lives of devices and fleets.
class LifecycleWriter : public ActionWriter {
 public:
  using ActionWriter::ActionWriter;
  using ActionWriter::operator();

  WirePayload operator()(const DevicePublicUrlSet& e);
  WirePayload operator()(const FleetPublicUrlsSet& e);
  WirePayload operator()(const DeviceLockOverrideSet& e);
  WirePayload operator()(const DeviceLocalModeSet& e);
  WirePayload operator()(const DeviceSettingSkipped& e);
  WirePayload operator()(const DeviceSupportGranted& e);
  WirePayload operator()(const DeviceSupportEnded& e);
  WirePayload operator()(const FleetSupportGranted& e);
  WirePayload operator()(const FleetSupportEnded& e);
  WirePayload operator()(const DeviceTypeChanged& e);
  WirePayload operator()(const DeviceDeactivated& e);
  WirePayload operator()(const DeviceReactivated& e);
  WirePayload operator()(const DeviceDeleted& e);
  WirePayload operator()(const FleetTypeChanged& e);
  WirePayload operator()(const FleetRenamed& e);
  WirePayload operator()(const FleetTransferred& e);
  WirePayload operator()(const FleetDeleted& e);
  WirePayload operator()(const OrganisationBillingSet& e);
};

}  // namespace muster
