#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <variant>

#include "broker-bridge/mqtt_client.h"
#include "core/base/error.h"
#include "tools/agent/device.h"

namespace muster::agent {

class Link;

struct Delivered {
  DeliveryId id = 0;
};
struct LinkUp {
  std::unique_ptr<Link> link;
};
struct LinkFailed {
  Error error;
};
struct LinkLost {
  std::string reason;
};

/// Something another thread tells the agent's.
struct Event {
  std::size_t device = 0;  // Its index.
  std::uint64_t link = 0;  // Which connection of the device, to know late news; 0: none.
  std::variant<MqttMessage, Delivered, LinkUp, LinkFailed, LinkLost, StepProgressed, StepFinished,
               DeedProgressed, DeedFinished, ServicesReady>
      what;
  std::uint64_t boot = 0;  // Since which boot of the device, for what is of no connection.
};

/// From the threads of the MQTT library, the connector and the hooks to the one of the agent.
/// Holds at most `messages_max` messages: past that the oldest goes, since what a device is to be
/// is always in the newest. The other events are few per device by their nature.
class EventQueue {
 public:
  static constexpr std::size_t messages_max = 16384;

  EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;
  ~EventQueue();

  /// From any thread; never blocks for long.
  void push(Event event);

  /// Everything there is; waits for the first one until `deadline` or a stop.
  std::deque<Event> take(std::chrono::steady_clock::time_point deadline,
                         const std::stop_token& stop);

 private:
  void drop_oldest_message();

  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<Event> events_;  // Guarded by mutex_.
  std::size_t messages_ = 0;  // Guarded by mutex_.
};

}  // namespace muster::agent
