#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "broker-bridge/mosquitto-plugin/gate.h"
#include "broker-bridge/mosquitto-plugin/options.h"
#include "broker-bridge/mosquitto-plugin/refusal_counts.h"
#include "core/base/error.h"

struct mosquitto;
struct mosquitto_evt_acl_check;

namespace muster {

/// The plugin between its loading and its unloading: the gate, and what joins it to the broker.
/// All calls come on the broker's one thread.
class Session {
 public:
  /// Reads the files the options name. Errors: of those.
  [[nodiscard]] static Result<Session> start(const PluginOptions& options);

  /// True if the client may connect.
  [[nodiscard]] bool admit(mosquitto* client, const char* username, const char* password);

  [[nodiscard]] static bool allows(const mosquitto_evt_acl_check& access);

  void left(mosquitto* client);

  /// A message on the control topic, from the bridge.
  void control(std::string_view request);

  /// Tells refused connects, at most once a second.
  void tick(std::int64_t now_s);

  /// Reads the files anew; keeps what it has if they are no good.
  void reload();

 private:
  Session(PluginOptions options, Gate gate)
      : options_(std::move(options)), gate_(std::move(gate)) {}

  PluginOptions options_;
  Gate gate_;
  RefusalCounts refusals_;
  std::int64_t told_at_s_ = 0;
};

}  // namespace muster
