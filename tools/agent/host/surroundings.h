#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "tools/agent/agent.h"
#include "tools/agent/host/event_queue.h"
#include "tools/agent/host/link.h"
#include "tools/agent/support/timer_queue.h"

namespace muster::agent {

enum class DueKind { machine, reconnect, step_end, look, boot };

/// What a timer is for.
struct Due {
  std::size_t device = 0;
  std::uint64_t boot = 0;  // Of the device: timers of an earlier one are for nobody.
  DueKind kind = DueKind::look;
  std::uint64_t id = 0;
};

/// What the devices of one agent share. Outlives them.
struct Surroundings {
  const AgentOptions& options;
  EventQueue& events;
  TimerQueue<Due>& timers;
  Connector& connector;
  std::mt19937_64& random;
};

}  // namespace muster::agent
