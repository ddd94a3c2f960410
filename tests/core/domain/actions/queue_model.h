#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/domain/event.h"

namespace muster::test {

/// The queues once more, as simply as they can be said: for each action the devices it is for, and
/// what became of it on each. Made from the events alone, with nothing summed up or forgotten.
class QueueModel {
 public:
  using Id = std::uint32_t;
  using N = std::uint64_t;

  struct Part {
    bool published = false;
    std::optional<ActionState> end;
  };
  struct Action {
    std::optional<Id> fleet;
    std::map<Id, Part> parts;  // By device.
  };

  /// Takes in an event; what may never happen is an entry in `broken`.
  void see(std::uint64_t sequence, const Event& event);

  /// What the device has to do, in order.
  [[nodiscard]] std::vector<N> queue_of(Id device) const;

  /// How many parts of the action end so, are published and not over, or are not over at all.
  [[nodiscard]] std::uint32_t ended(N n, ActionState state) const;
  [[nodiscard]] std::uint32_t in_flight(N n) const;
  [[nodiscard]] std::uint32_t open(N n) const;

  std::map<N, Action> actions;
  std::map<Id, Id> fleet_of;
  std::vector<std::string> broken;

 private:
  void queue_wide(std::uint64_t sequence, const FleetActionQueued& e);
  Part& part(N n, DeviceId device, const char* what);
  void end(N n, DeviceId device, ActionState state);
  void end_rest(N n, ActionState state, std::uint32_t told);
};

}  // namespace muster::test
