#pragma once

#include <string>
#include <string_view>

#include "tools/agent/channel/action_messages.h"
#include "tools/agent/check/server_side.h"

namespace muster::agent {

// What the server would send, in that form.
[[nodiscard]] std::string encode_check_target(const CheckTarget& target, Encoding encoding);
[[nodiscard]] std::string encode_check_action(const CheckAction& action, Encoding encoding);
[[nodiscard]] std::string encode_check_cancel(const CheckAction& action, Encoding encoding);

/// An ack in either form. Errors: invalid_input.
[[nodiscard]] Result<Ack> read_ack(std::string_view payload);

}  // namespace muster::agent
