#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "broker-bridge/channel/inbound.h"
#include "core/base/uuid.h"

namespace muster {

/// What the broker keeps for one device.
struct RetainedTarget {
  Uuid device;
  std::optional<TargetVersion> version;  // None: not as the bridge writes it.
  bool gone = false;                     // Cleared while we listened.
  std::uint32_t order = 0;               // Of hearing it.
};

/// The retained targets of a broker, as they are heard: some tens of bytes each, so that all of a
/// million devices fit.
class RetainedTargets {
 public:
  /// A message on a topic of the targets' filter; an empty payload clears.
  void hear(const std::string& topic, std::string_view payload);

  /// True if more came than is kept: what is kept is not all there is.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

  /// Ends the listening: each device once, with what was heard last, in the order of the uuids.
  void settle();

  /// After `settle`.
  [[nodiscard]] std::span<const RetainedTarget> targets() const noexcept { return targets_; }

  /// Topics that fit the filter but name no device that could be.
  [[nodiscard]] const std::vector<std::string>& strange_topics() const noexcept { return strange_; }

 private:
  void hear_strange(const std::string& topic, bool gone);

  std::vector<RetainedTarget> targets_;
  std::vector<std::string> strange_;
  bool overflowed_ = false;
};

}  // namespace muster
