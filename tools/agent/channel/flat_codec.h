#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "tools/agent/channel/messages.h"

/// The FlatBuffers form (schemas/channel.fbs) of the payloads in messages.h.
namespace muster::agent::flat {

/// Verified before anything of it is read. Errors: invalid_input.
Result<Target> parse_target(std::string_view payload);

std::string encode_state(const StateReport& report);
std::string encode_birth(const Birth& birth);
std::string encode_death(std::string_view session);

}  // namespace muster::agent::flat
