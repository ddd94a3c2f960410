#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "core/base/error.h"
#include "tools/bench/pin/mqtt_peer.h"
#include "tools/http/host_port.h"

namespace muster::bench {

/// Devices that all speak over one connection, which only a broker that checks nobody allows. Each
/// answers an action at once: it has it, has begun it, has done it. One thread calls; another one
/// receives.
class Crowd {
 public:
  using SteadyTime = MqttPeer::SteadyTime;

  /// Errors: unavailable.
  [[nodiscard]] static Result<std::unique_ptr<Crowd>> connect(const HostPort& broker);

  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd();

  // The device is there, in a new session, or is gone. Errors: unavailable.
  [[nodiscard]] Result<void> come(const std::string& device);
  [[nodiscard]] Result<void> leave(const std::string& device);

  /// Waits until `devices` of them have the action that the command `id` asked for: when did the
  /// last one get it? Errors: failed if that is not so by `deadline`, or the connection is gone.
  [[nodiscard]] Result<SteadyTime> await(const std::string& id, std::size_t devices,
                                         SteadyTime deadline);

  /// How many have it by now.
  [[nodiscard]] std::size_t count(const std::string& id) const;

 private:
  struct Arrivals {
    std::size_t count = 0;
    SteadyTime last;
  };

  Crowd(MqttPeer speaker, MqttPeer listener);
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> receive();
  [[nodiscard]] Result<void> take(const mqtt::Publish& message, SteadyTime at);

  MqttPeer speaker_;
  std::unordered_map<std::string, std::size_t> sessions_;  // By device.
  MqttPeer listener_;                                      // Owned by the thread.
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::unordered_map<std::string, Arrivals> arrivals_;  // By command. Guarded by mutex_.
  std::optional<Error> broken_;                         // Guarded by mutex_.
  std::jthread thread_;                                 // Last: it uses all of the above.
};

}  // namespace muster::bench
