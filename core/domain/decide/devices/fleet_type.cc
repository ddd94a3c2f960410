#include "core/domain/decide/devices/fleet_type.h"

#include <fmt/format.h>

#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/selection.h"
#include "core/domain/filter/version_order.h"

namespace muster {

std::optional<std::string_view> minimum_os(FleetType type) noexcept {
  switch (type) {
    case FleetType::starter:
    case FleetType::microservices:
    case FleetType::essentials:
      return "2.11.0";
    case FleetType::classic:
    case FleetType::legacy:
      return std::nullopt;
  }
  return std::nullopt;
}

bool satisfies(const Device& device, FleetType type) {
  const auto minimum = minimum_os(type);
  const auto reported = parse_version(device.os_version);
  return !minimum || !reported || compare(*reported, *parse_version(*minimum)) >= 0;
}

tl::expected<void, Rejection> check_fleet_type(const Device& device, FleetType type) {
  if (satisfies(device, type)) return {};
  return reject(RejectionCode::os_too_old, entity_of(device),
                fmt::format("its host OS is {}; fleets of type {} need {}", device.os_version,
                            to_string(type), *minimum_os(type)),
                "update its host OS first (`muster device os-update`)");
}

}  // namespace muster
