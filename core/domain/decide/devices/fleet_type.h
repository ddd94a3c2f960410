#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>

#include "core/domain/decide/rejection.h"
#include "core/domain/entities.h"

namespace muster {

/// The oldest host OS that a fleet of that type supports; nullopt: any.
[[nodiscard]] std::optional<std::string_view> minimum_os(FleetType type) noexcept;

/// True unless the device is known to run a host OS older than fleets of that type support.
[[nodiscard]] bool satisfies(const Device& device, FleetType type);

/// Refuses a device that does not satisfy the fleet type.
/// Rejections: os_too_old.
[[nodiscard]] tl::expected<void, Rejection> check_fleet_type(const Device& device, FleetType type);

}  // namespace muster
