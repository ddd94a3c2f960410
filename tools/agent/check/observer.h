#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/topic.h"
#include "core/base/uuid.h"
#include "tools/agent/check/tap.h"

namespace muster::agent {

/// A birth, and the connection it came on.
struct SeenBirth {
  std::size_t connection = 0;
  PresenceReport report;
};

/// Hears a device through a tap as the server would, with the server's own strict reading.
class Observer {
 public:
  Observer(Tap& tap, const Uuid& device) : tap_(tap), device_(device) {}

  [[nodiscard]] std::size_t mark() const { return tap_.mark(); }

  /// The first of its kind since `mark`, if it comes in `patience`.
  [[nodiscard]] std::optional<SeenBirth> await_birth(std::size_t mark,
                                                     std::chrono::milliseconds patience);

  /// The first birth on a connection that is newer than `connection`: what still comes of an older
  /// one does not tell that the device is back.
  [[nodiscard]] std::optional<SeenBirth> await_return(std::size_t connection,
                                                      std::chrono::milliseconds patience);

  /// The newest that it began; 0: none.
  [[nodiscard]] std::size_t newest_connection() const;

  using WantedState = std::function<bool(const ProgressReport& state)>;
  [[nodiscard]] std::optional<ProgressReport> await_state(std::size_t mark,
                                                          const WantedState& wanted,
                                                          std::chrono::milliseconds patience);

  /// What it said of actions.
  using WantedAck = std::function<bool(const AckReport& ack)>;
  [[nodiscard]] std::optional<AckReport> await_ack(std::size_t mark, const WantedAck& wanted,
                                                   std::chrono::milliseconds patience);
  [[nodiscard]] std::vector<AckReport> acks(std::size_t mark) const;

  /// The last state since `mark`.
  [[nodiscard]] std::optional<ProgressReport> last(std::size_t mark) const;

  /// The same for people; `no state` if there is none.
  [[nodiscard]] std::string last_state(std::size_t mark) const;

  /// How it connected on that connection.
  [[nodiscard]] std::optional<mqtt::ClientConnect> connect_of(std::size_t connection) const;

  /// What it had subscribed to on that connection before its first birth there.
  [[nodiscard]] std::vector<mqtt::ClientSubscription> subscriptions_of(
      std::size_t connection) const;

  /// What is wrong with what it published; empty: nothing.
  [[nodiscard]] std::string wrong_publish() const;
  [[nodiscard]] std::string unreadable_publish() const;

 private:
  [[nodiscard]] const mqtt::ClientPublish* up(const TapRecord& record, UpKind kind) const;
  [[nodiscard]] std::optional<SeenBirth> birth_in(const TapRecord& record) const;
  [[nodiscard]] std::optional<ProgressReport> state_in(const TapRecord& record) const;
  [[nodiscard]] std::optional<AckReport> ack_in(const TapRecord& record) const;

  Tap& tap_;
  Uuid device_;
};

/// `{"seq":8,"status":"done","running":"c9…"}`, for people.
[[nodiscard]] std::string describe(const ProgressReport& state);

}  // namespace muster::agent
