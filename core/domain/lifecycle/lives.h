#pragma once

#include "core/domain/entities.h"

namespace muster {

/// What became of `device` of `fleet`, its own: the devices of a deleted fleet are orphaned, which
/// no row of theirs says.
[[nodiscard]] inline Lifecycle lifecycle_of(const Device& device, const Fleet& fleet) noexcept {
  const bool orphaned = fleet.is_deleted() && device.lifecycle != Lifecycle::deleted;
  return orphaned ? Lifecycle::orphaned : device.lifecycle;
}

}  // namespace muster
