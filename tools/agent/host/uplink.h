#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/mqtt_client.h"
#include "core/base/error.h"

namespace muster::agent {

/// What one device has to say on its connection. At most one message of each kind is under way:
/// births and states that come meanwhile are folded, acks wait in their order. Without a
/// connection all is dropped: the device says it again on the next one.
class Uplink {
 public:
  static constexpr std::size_t acks_max = 64;  // The oldest go: what counts is the newest.

  /// Ids of messages are at most this.
  static constexpr DeliveryId id_max = 3;

  /// There is a new connection, on which nothing was said yet; or there is none.
  void open() { *this = Uplink(true); }
  void close() { *this = Uplink(false); }

  void say_birth(std::string payload);
  void say_state(std::string payload);
  void say_ack(std::string payload);

  /// The broker has one of them. True if it was the last ack there is.
  [[nodiscard]] bool on_delivered(DeliveryId id);

  /// Sends what may go now. Errors: those of `send`; the connection is useless then.
  using Send = std::function<Result<void>(UpKind kind, std::string payload, DeliveryId id)>;
  [[nodiscard]] Result<void> flush(const Send& send);

  /// Has the broker left something unanswered for too long?
  [[nodiscard]] bool is_stuck() const;

  Uplink() = default;

 private:
  enum Said : DeliveryId { birth = 1, state = 2, ack = 3 };

  struct Slot {
    std::optional<std::string> wanted;
    bool in_flight = false;
  };

  explicit Uplink(bool is_open) : is_open_(is_open) {}

  bool is_open_ = false;
  Slot birth_;
  Slot state_;
  std::vector<std::string> acks_;
  bool ack_in_flight_ = false;
  std::chrono::steady_clock::time_point in_flight_since_;
};

}  // namespace muster::agent
