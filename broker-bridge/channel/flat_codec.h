#pragma once

#include <string>
#include <string_view>

#include "broker-bridge/channel/action_payload.h"
#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/payload.h"

namespace muster::flat {

// The FlatBuffers form of the channel's messages (schemas/channel.fbs), for devices that asked for
// it. It carries the same fields as the JSON form, and the same is taken of what devices say.

/// The target of a device. The same state gives the same bytes.
[[nodiscard]] std::string target_payload(const LogIdentity& identity, const Fleet& fleet,
                                         const Target& target);

[[nodiscard]] std::string action_payload(const LogIdentity& identity, const ActionMessage& action);
[[nodiscard]] std::string cancel_payload(const LogIdentity& identity, Sequence n, const Ulid& id);

// What comes from outside is verified before anything of it is read, and is never unpacked.
// Errors: invalid_input, saying what does not fit.
[[nodiscard]] Result<PresenceReport> parse_presence(std::string_view payload);
[[nodiscard]] Result<ProgressReport> parse_state(std::string_view payload);
[[nodiscard]] Result<AckReport> parse_ack(std::string_view payload);
[[nodiscard]] Result<TargetVersion> parse_target_version(std::string_view payload);

}  // namespace muster::flat
