#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/event.h"
#include "core/domain/state.h"

namespace muster {

/// Why an event cannot follow from the events before it. The words are part of reports.
enum class TransitionFault : std::uint8_t {
  torn_command,    // The events of a command are not complete, or not beside each other.
  time_goes_back,  // It is older than the event before it.
  wrong_cause,     // It names a cause that does not come before it.
  not_the_actors,  // Who asked for it does not exist, or could not ask for anything then.
  id_not_next,     // It gives an id that is not the next one of its kind.
  unknown_entity,  // It is about something that does not exist.
  name_taken,      // It gives a name that something else has.
  wrong_before,    // What it says was before it was not.
  not_possible     // What it is about could not become that then.
};
std::string_view to_string(TransitionFault fault) noexcept;

struct TransitionFinding {
  TransitionFault fault = TransitionFault::not_possible;
  std::string what;

  /// Nothing can be made of such an event: it must not be given to `evolve`.
  [[nodiscard]] bool is_void() const noexcept {
    return fault == TransitionFault::id_not_next || fault == TransitionFault::unknown_entity;
  }
};

/// Checks one event after the other of a whole log: whether it can follow from those before. An
/// event that follows from a decision always can; so a finding means that somebody wrote it who was
/// not the writer, or that something is missing.
class TransitionCheck {
 public:
  /// What is wrong with `recorded`; nullopt if nothing is. `state` is what the events before add
  /// up to.
  [[nodiscard]] std::optional<TransitionFinding> next(const State& state, const Recorded& recorded);

  /// What is wrong if the log ends here; nullopt if nothing is.
  [[nodiscard]] std::optional<TransitionFinding> end() const;

 private:
  [[nodiscard]] std::optional<TransitionFinding> check_envelope(const State& state,
                                                                const Recorded& recorded) const;
  [[nodiscard]] bool continues_command(const EventMeta& meta) const;

  EventMeta before_{.index = 0, .count = 1};
  Sequence last_;
};

}  // namespace muster
