#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/actions/queue.h"
#include "tests/support/domain_world.h"

namespace muster::test {

/// Two fleets: `thermo` with devices 1 to 3, `second` with device 4, all of them with agents and an
/// OS that can do everything. The commands are short; `#n` in a text is a sequence.
struct GivenActions {
  World world;
  FleetId thermo = world.fleet("thermo");
  FleetId second = world.fleet("second");

  GivenActions();

  [[nodiscard]] static QueueAction ask(ActionKind kind, std::vector<std::uint32_t> devices);
  [[nodiscard]] static QueueAction ask_fleet(ActionKind kind, std::string fleet = "acme/thermo");
  [[nodiscard]] static QueueAction update(std::string version, std::vector<std::uint32_t> devices);

  /// Asks, and gives the sequence of the first event: the `n` of the first action queued.
  Sequence queued(const QueueAction& command, const How& how = {});

  // What the bridge and the timer say; performed, as text.
  std::string publish(std::uint32_t device, Sequence n);
  std::string ack(std::uint32_t device, Sequence n, ActionState state, std::string boot = {});
  std::string expire(std::uint32_t device, Sequence n);

  /// The device is handed the action and says the states, in that order.
  void through(std::uint32_t device, Sequence n, const std::vector<ActionState>& states);

  /// The sequences of what the device has to do, e.g. `12 15`; `-` if it has nothing to do.
  [[nodiscard]] std::string queue(std::uint32_t device) const;

  /// The sequence of what it is to do now, or `-`.
  [[nodiscard]] std::string head(std::uint32_t device) const;

  [[nodiscard]] const FleetAction* wide(Sequence n) const;

  static constexpr Actor bridge{};
};

/// The sequence as texts have it, e.g. `#12`.
std::string hash(Sequence n);

}  // namespace muster::test
