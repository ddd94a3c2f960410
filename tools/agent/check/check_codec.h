#pragma once

#include <string>

#include "tools/agent/check/server_side.h"

namespace muster::agent {

/// What the server would send for `target`, in that form.
[[nodiscard]] std::string encode_check_target(const CheckTarget& target, Encoding encoding);

}  // namespace muster::agent
