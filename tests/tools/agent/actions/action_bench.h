#pragma once

#include <doctest/doctest.h>

#include <string>

#include "tests/tools/agent/agent_support.h"

namespace muster::agent {

using test::ActionText;
using test::deeds;
using test::only;
using test::TargetText;

inline ActionReceived action(const ActionText& text) { return {text.json()}; }
inline CancelReceived cancel(const ActionText& text) { return {text.cancel_json()}; }

/// An action that begins as soon as it is there.
inline constexpr auto begun =
    "save ack:9:delivered timer:900000..900000 ack:9:started timer:5000..5000";

/// A device that is connected and runs a release with one service; `saved` is what is on disk.
struct Bench {
  explicit Bench(DeviceState stored = {}, const std::string& boot = "boot-1", bool online = true)
      : device(std::move(stored), boot) {
    started = tell(Started{});
    if (online) connected = tell(Connected{});
  }

  std::string tell(const DeviceInput& input) {
    outputs = device.handle(input);
    for (const auto& save : only<SaveState>(outputs)) saved = save.state;
    return deeds(outputs);
  }

  /// The last ack of the last input.
  [[nodiscard]] Ack ack() const {
    const auto acks = only<PublishAck>(outputs);
    REQUIRE_FALSE(acks.empty());
    return acks.back().ack;
  }

  Device device;
  DeviceState saved;
  test::Outputs outputs;
  std::string started;
  std::string connected;
};

inline DeviceState running_services() {
  DeviceState state;
  state.running = Release{31, "aa", "1.0.0", R"({"services":{"main":{"command":["sleep","9"]}}})"};
  return state;
}

/// Starts an action and lets its deed begin.
inline void begin(Bench& bench, const ActionText& text) {
  bench.tell(action(text));
  bench.tell(AcksDelivered{});
}

}  // namespace muster::agent
