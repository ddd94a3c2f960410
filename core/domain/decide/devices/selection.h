#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/context.h"

namespace muster {

/// How errors name a device.
[[nodiscard]] std::string entity_of(const Device& device);

/// The devices of a command, each once: those named by their uuids, or those selected. The asker
/// has at least the role operator in the fleets of all of them.
/// Rejections: empty_selection, selection_too_large, count_mismatch, stale_version, invalid_field
/// (a version is expected of several), and those of find_device.
[[nodiscard]] tl::expected<std::vector<const Device*>, Rejection> find_selection(
    const Context& context, const std::vector<std::string>& uuids,
    const std::optional<SelectedDevices>& selected);

}  // namespace muster
