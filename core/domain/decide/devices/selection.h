#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/context.h"

namespace muster {

/// How errors name a device.
[[nodiscard]] std::string entity_of(const Device& device);

/// The device of a command about one, at the expected version.
/// Rejections: those of find_device, stale_version.
[[nodiscard]] Found<Device> find_one_device(const Context& context, const std::string& uuid);

/// The devices of a command, each once: those named by their uuids, or those selected. The asker
/// has at least the role operator for all of them.
/// Rejections: empty_selection, selection_too_large, count_mismatch, stale_version, invalid_field
/// (a version is expected of several), and those of find_device.
[[nodiscard]] tl::expected<std::vector<const Device*>, Rejection> find_selection(
    const Context& context, const std::vector<std::string>& uuids,
    const std::optional<SelectedDevices>& selected, Orphans orphans = Orphans::refused);

/// Refuses a deactivated device.
/// Rejections: device_not_active.
[[nodiscard]] tl::expected<void, Rejection> check_active(const Device& device);

}  // namespace muster
