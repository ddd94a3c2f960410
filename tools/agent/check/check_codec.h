#pragma once

#include <string>

#include "tools/agent/check/server_side.h"

namespace muster::agent {

// What the server would send, in that form.
[[nodiscard]] std::string encode_check_target(const CheckTarget& target, Encoding encoding);
[[nodiscard]] std::string encode_check_action(const CheckAction& action, Encoding encoding);
[[nodiscard]] std::string encode_check_cancel(const CheckAction& action, Encoding encoding);

}  // namespace muster::agent
