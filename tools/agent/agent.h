#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "broker-bridge/tls/tls_files.h"
#include "core/base/error.h"
#include "tools/agent/credentials.h"

namespace muster::agent {

struct AgentOptions {
  /// Everything the devices keep, one folder each. Made if missing.
  std::filesystem::path folder;
  std::string mqtt_host = "127.0.0.1";
  std::uint16_t mqtt_port = 1883;
  std::optional<TlsFiles> tls;  // Only with TLS, then.
  std::vector<DeviceCredentials> devices;

  /// See hooks.h. Empty: steps are simulated, each takes `step_time` and succeeds.
  std::filesystem::path hook;
  std::chrono::milliseconds hook_time_max = std::chrono::minutes(30);
  std::chrono::milliseconds step_time{50};

  /// The same for actions, to do what the agent cannot by itself: reboot, shut down, update the OS,
  /// blink, and what a restart or purge means for what it does not supervise. Empty: simulated.
  std::filesystem::path action_hook;

  /// What a service gets between SIGTERM and SIGKILL.
  std::chrono::milliseconds stop_grace = std::chrono::seconds(10);

  std::string os_version = "6.1.0";
  std::string os_variant = "prod";  // Or "dev".
  std::string agent_version = "1.1.0";

  /// In which form the devices write and want their messages. nullopt: as each is registered.
  std::optional<Encoding> encoding;

  /// nullopt: a fresh one per device and start, as if each start were a boot.
  std::optional<std::string> boot_id;

  /// Changes as JSON, one object a line, instead of lines for people.
  bool json = false;

  /// Where the lines go, without their end. Empty: to standard output, flushed one by one.
  std::function<void(const std::string& line)> print;
};

/// Plays the devices on the calling thread until a stop is requested, with broker or without.
/// A lost broker is no error: it reconnects. The stop ends services and running hooks, and the
/// broker sends the wills. Also ends when all devices have shut down.
/// Errors: invalid_input (an option), in_use (another agent has the folder), failed,
/// incompatible (state of a newer agent).
Result<void> run_agent(const AgentOptions& options, const std::stop_token& stop);

}  // namespace muster::agent
