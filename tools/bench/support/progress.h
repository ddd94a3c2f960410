#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "core/base/error.h"

namespace muster::bench {

/// How a measurement says what it is at, and hears that it must end.
struct Progress {
  std::function<void(std::string_view)> say;
  std::stop_token stop;

  /// Errors: failed, once a stop was asked for.
  [[nodiscard]] Result<void> go_on() const {
    if (!stop.stop_requested()) return {};
    return fail(ErrorCode::failed, "interrupted: nothing was measured to its end");
  }
};

}  // namespace muster::bench
