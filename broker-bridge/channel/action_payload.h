#pragma once

#include <string>

#include "broker-bridge/channel/payload.h"
#include "core/base/ulid.h"
#include "core/domain/actions/action_events.h"

namespace muster {

/// What a device is told of the action at the head of its queue.
struct ActionMessage {
  Sequence n;
  Ulid id;
  ActionOrder order;
  std::uint32_t attempt = 1;
};

// Payloads of the device channel, version 1, in the form the device asked for.

[[nodiscard]] std::string action_payload(const LogIdentity& identity, const ActionMessage& action,
                                         Encoding encoding);

/// Withdraws an action that has not started yet.
[[nodiscard]] std::string cancel_payload(const LogIdentity& identity, Sequence n, const Ulid& id,
                                         Encoding encoding);

/// What an action of that kind is told besides, as the text of a JSON object.
[[nodiscard]] std::string arguments_of(const ActionOrder& order);

}  // namespace muster
