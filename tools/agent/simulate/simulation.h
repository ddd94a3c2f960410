#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/domain/vocabulary.h"
#include "tools/agent/credentials.h"

namespace muster::agent {

/// How many devices one process plays at most: more connections have no room between one address
/// and one port.
inline constexpr std::size_t simulated_devices_max = 25'000;

/// How many simulated devices are how, and what happened to them so far.
struct SimulationCounts {
  std::size_t devices = 0;
  std::size_t connected = 0;
  std::size_t on_target = 0;  // Connected, and reported that they run what they should.
  std::uint64_t targets = 0;  // Received.
  std::uint64_t steps = 0;    // Downloads and applies that succeeded.
  std::uint64_t actions = 0;  // That took effect.
  std::uint64_t failures = 0;
  std::uint64_t crashes = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t refused = 0;   // Connections that the broker did not take.
  std::uint64_t unusable = 0;  // Messages that did not fit the contract.

  friend bool operator==(const SimulationCounts&, const SimulationCounts&) = default;
};

struct SimulationOptions {
  std::string mqtt_host = "127.0.0.1";
  std::uint16_t mqtt_port = 1883;
  std::vector<DeviceCredentials> devices;

  std::chrono::milliseconds latency{200};  // Of a step; each takes half to one and a half of it.
  double failure_rate = 0;                 // Of steps and actions, from 0 to 1.
  double disconnect_rate = 0;              // Connections that break, for a device in an hour.
  double crash_rate = 0;                   // Devices that crash, for a device in an hour.
  std::uint64_t seed = 1;                  // The same seed: the same draws, device by device.
  std::optional<std::chrono::seconds> duration;  // nullopt: until a stop.

  std::string os_version = "6.1.0";
  std::string os_variant = "prod";
  std::string agent_version = "1.1.0";
  std::optional<Encoding> encoding;  // nullopt: as each device is registered.

  /// Where each effect of an action is written down (ledger.h). Empty: nowhere.
  std::filesystem::path ledger;

  /// Told once a second while something changes.
  std::function<void(const SimulationCounts&)> show;
};

/// Plays many light devices on the calling thread until a stop. Each keeps to the device channel:
/// it is the same state machine as the real agent's (device.h), with steps that only take time.
/// What a device knows is kept in memory: each run begins with devices that run nothing.
/// Errors: invalid_input (an option), unavailable (the broker's address cannot be found), failed
/// (limits of the system). A broker that is away is no error: the devices reconnect.
Result<SimulationCounts> run_simulation(const SimulationOptions& options,
                                        const std::stop_token& stop);

}  // namespace muster::agent
