#pragma once

#include <cstddef>
#include <deque>
#include <string>

#include "broker-bridge/channel/inbound.h"
#include "core/base/clock.h"
#include "core/domain/decide/command.h"
#include "core/engine/engine.h"

namespace muster {

/// Turns what devices say of their actions into commands, in the order they said it. Owned by the
/// bridge's thread.
class AckForwarder {
 public:
  /// The references must outlive it.
  AckForwarder(Engine& engine, Clock& clock) : engine_(engine), clock_(clock) {}

  /// What the device said of an action.
  void add(const Uuid& device, const AckReport& ack);

  /// The device went offline.
  void add_offline(const Uuid& device);

  /// Submits what waits. True if some still waits because the engine is busy.
  [[nodiscard]] bool submit();

  /// What was dropped because too many waited. A device says it again to the next instance.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  void push(CommandBody body);

  Engine& engine_;
  Clock& clock_;
  std::deque<CommandBody> waiting_;
  std::uint64_t dropped_ = 0;
};

}  // namespace muster
