#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tools/agent/channel/action_messages.h"

namespace muster::agent {

/// What a device knows of its actions after a power cut.
struct ActionMemory {
  static constexpr std::size_t results_max = 16;

  /// Written down before its deed begins.
  struct Started {
    Action action;
    std::string boot;  // Of the device when it was written down.

    friend bool operator==(const Started&, const Started&) = default;
  };

  std::optional<Started> started;
  std::vector<Ack> results;  // The last ones, by position.

  /// Above all that ended.
  [[nodiscard]] bool is_past(const ActionPosition& position) const {
    return !results.empty() && position <= results.back().key.position;
  }

  [[nodiscard]] const Ack* find(const ActionKey& key) const;

  /// One more; the earliest goes when there are too many.
  void add(Ack result);

  friend bool operator==(const ActionMemory&, const ActionMemory&) = default;
};

/// One JSON object, and back. Errors: invalid_input.
std::string encode_action_memory(const ActionMemory& memory);
Result<ActionMemory> parse_action_memory(std::string_view json);

}  // namespace muster::agent
