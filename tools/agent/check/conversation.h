#pragma once

#include <functional>

#include "core/base/error.h"
#include "tools/agent/check/contract.h"
#include "tools/agent/check/rule_book.h"
#include "tools/agent/check/server_side.h"
#include "tools/agent/check/tap.h"

namespace muster::agent {

struct ConversationParts {
  const CheckOptions& options;
  const DeviceCredentials& device;
  Tap& tap;
  ServerSide& server;
  RuleBook& book;

  /// Ends the device's program and starts it again; empty if it is not ours to start.
  std::function<Result<void>()> restart_device;
};

/// Goes through the rules with one device, each in its turn, and judges them in the book.
/// `start_device` is called when everything is there that the device should find.
/// Errors: unavailable (the broker is gone), failed (stopped), and those of `start_device`.
Result<void> converse(const ConversationParts& parts,
                      const std::function<Result<void>()>& start_device);

}  // namespace muster::agent
