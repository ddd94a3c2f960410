#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/pin/mqtt_peer.h"

namespace muster::bench {

/// Takes in what subscribers get, on a thread of its own, and notes when it came.
class Inbox {
 public:
  using SteadyTime = MqttPeer::SteadyTime;

  /// A message is known by its topic's place in `topics` and by the `seq` in it.
  Inbox(std::vector<MqttPeer> subscribers, const std::vector<std::string>& topics);
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox();

  /// Waits until message `number` of `topic`, or a newer one, is there: when did it come?
  /// Numbers are asked for in their order: older ones are forgotten.
  /// Errors: failed if it has not come by `deadline`, or a subscriber's connection is gone.
  [[nodiscard]] Result<SteadyTime> await(std::size_t topic, std::uint64_t number,
                                         SteadyTime deadline);

  /// The last message of `topic`, which must have had one.
  [[nodiscard]] std::string last_payload(std::size_t topic) const;

 private:
  struct Arrival {
    std::uint64_t number = 0;
    SteadyTime at;
  };
  struct Topic {
    std::vector<Arrival> arrivals;
    std::string last_payload;
  };

  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> receive(MqttPeer& subscriber);
  [[nodiscard]] static std::optional<SteadyTime> take(Topic& topic, std::uint64_t number);

  std::vector<MqttPeer> subscribers_;  // Owned by the thread.
  std::unordered_map<std::string, std::size_t> places_;
  mutable std::mutex mutex_;
  std::condition_variable came_;
  std::vector<Topic> topics_;    // Guarded by mutex_.
  std::optional<Error> broken_;  // Guarded by mutex_.
  std::jthread thread_;          // Last: it uses all of the above.
};

}  // namespace muster::bench
