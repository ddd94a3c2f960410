#pragma once

#include <string>
#include <string_view>

#include "tools/agent/channel/action_messages.h"

/// The FlatBuffers form of the payloads in action_messages.h.
namespace muster::agent::flat {

// Verified before anything of it is read. Errors: invalid_input.
Result<Action> parse_action(std::string_view payload);
Result<Cancel> parse_cancel(std::string_view payload);

std::string encode_ack(const Ack& ack);

}  // namespace muster::agent::flat
