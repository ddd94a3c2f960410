#pragma once

#include <cstddef>
#include <string_view>

namespace muster {

// What one client may do with one topic. A device is known by its user name, which the gate has
// checked; topics and filters are compared whole, so a wildcard never fits.

/// A message that a device wants to publish, or that was its will.
struct Publish {
  std::string_view topic;
  std::size_t payload_size = 0;
  bool retain = false;
};

/// Its own `up/…` topics, not retained, not too large.
[[nodiscard]] bool device_may_write(std::string_view device, const Publish& publish);

/// Its own target, action and cancel, and the bridge's word. Also for filters.
[[nodiscard]] bool device_may_read(std::string_view device, std::string_view topic);

/// All topics of Muster, and the control topics.
[[nodiscard]] bool bridge_may_use(std::string_view topic);

}  // namespace muster
