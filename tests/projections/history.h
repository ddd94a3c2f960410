#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/state.h"
#include "core/log/tail.h"

namespace muster::test {

/// A log's history made of random choices: valid events, grouped in commands, with the state they
/// add up to. The same choices give the same history.
class History {
 public:
  /// Starts with the log itself, a device type, a user, an organisation, a token and a fleet.
  History();

  /// One more command.
  void add(std::uint64_t choice);

  /// One more command, of these events.
  void record(std::vector<Event> events);

  [[nodiscard]] const State& state() const noexcept { return state_; }
  [[nodiscard]] const std::vector<Recorded>& events() const noexcept { return events_; }

  /// The history as the engine would have committed it: whole commands, `commands` a batch.
  [[nodiscard]] std::vector<std::shared_ptr<const Batch>> batches(std::size_t commands) const;

 private:
  class Dice;

  std::vector<Event> of_organisation(Dice& dice) const;
  std::vector<Event> of_fleet(Dice& dice) const;
  std::vector<Event> of_release(Dice& dice) const;
  std::vector<Event> of_device(Dice& dice) const;
  std::vector<Event> report(Dice& dice) const;
  std::vector<Event> rotation(Dice& dice, DeviceId device) const;
  std::vector<Event> provisioning(Dice& dice) const;
  std::vector<Event> pin(Dice& dice) const;
  std::vector<Event> of_actions(Dice& dice) const;
  CommandBody action_command(Dice& dice) const;

  State state_;
  std::vector<Recorded> events_;
};

/// A history of as many random commands as there are choices.
History history_of(const std::vector<std::uint64_t>& choices);

/// A history of `commands` random commands.
History long_history(std::uint64_t seed, std::size_t commands);

}  // namespace muster::test
