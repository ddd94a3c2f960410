#pragma once

#include <vector>

#include "core/domain/ids.h"

namespace muster {

/// The devices that a filter selected, outside the writer, as of one moment. Each is checked anew.
struct SelectedDevices {
  std::vector<DeviceId> ids;
  Sequence as_of;
};

}  // namespace muster
