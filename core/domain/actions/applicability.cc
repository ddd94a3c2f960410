#include "core/domain/actions/applicability.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/domain/filter/version_order.h"

namespace muster {
namespace {

bool needs_agent(ActionKind kind) {
  return kind == ActionKind::purge || kind == ActionKind::reboot || kind == ActionKind::shutdown;
}

/// How version `reported` stands to `other`; nullopt if one of them is none.
std::optional<std::strong_ordering> order_of(std::string_view reported, std::string_view other) {
  const auto a = parse_version(reported);
  const auto b = parse_version(other);
  return a && b ? std::optional(compare(*a, *b)) : std::nullopt;
}

bool is_older(std::string_view reported, std::string_view than) {
  const auto order = order_of(reported, than);
  return order && *order < 0;
}

std::optional<Inapplicable> find_update_obstacle(const ActionOrder& order, const Device& device,
                                                 const DeviceType& type) {
  if (!type.os_update_supported) {
    return Inapplicable{EndCause::type_unsupported,
                        fmt::format("device type {} has no host OS updates", type.slug)};
  }
  if (is_older(order.os_version, device.os_version)) {
    return Inapplicable{EndCause::os_is_newer, fmt::format("its host OS is {}, newer than {}",
                                                           device.os_version, order.os_version)};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Inapplicable> find_obstacle(const ActionOrder& order, const Device& device,
                                          const DeviceType& type) {
  if (order.kind == ActionKind::os_update) return find_update_obstacle(order, device, type);
  if (!needs_agent(order.kind) || !lacks_actions(device)) return std::nullopt;
  return Inapplicable{EndCause::agent_too_old,
                      fmt::format("its agent is {}; {} needs {}", device.agent_version,
                                  to_string(order.kind), first_agent_with_actions)};
}

bool lacks_actions(const Device& device) {
  return is_older(device.agent_version, first_agent_with_actions);
}

bool is_done_already(const ActionOrder& order, const Device& device) {
  if (order.kind != ActionKind::os_update) return false;
  return order_of(device.os_version, order.os_version) == std::strong_ordering::equal;
}

bool may_have_volumes(const Device& device) {
  return !is_older(device.os_version, os_with_volumes);
}

std::uint32_t default_execution_s(ActionKind kind) noexcept {
  return kind == ActionKind::os_update ? 2 * 60 * 60 : 15 * 60;
}

bool can_run(std::string_view device, std::string_view fleet) noexcept {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr std::array others{Pair{"aarch64", "armv7hf"}, Pair{"aarch64", "rpi"},
                              Pair{"armv7hf", "rpi"}};
  return device == fleet || std::ranges::find(others, Pair{device, fleet}) != others.end();
}

}  // namespace muster
