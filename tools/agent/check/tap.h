#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"
#include "tools/mqtt/address.h"
#include "tools/mqtt/client_packets.h"

namespace muster::agent {

/// Something a device did on one of its connections.
struct TapRecord {
  struct Left {
    bool said_goodbye = false;
  };
  std::size_t connection = 0;  // From 1.
  std::variant<mqtt::ClientConnect, std::vector<mqtt::ClientSubscription>, mqtt::ClientPublish,
               Left>
      what;
};

/// Stands between a device and its broker: passes on every byte, and writes down what the device
/// says. An own thread passes on; one other thread asks.
class Tap {
 public:
  /// Listens on a free port of 127.0.0.1. Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<Tap>> open(const mqtt::Address& broker);
  Tap(const Tap&) = delete;
  Tap& operator=(const Tap&) = delete;
  ~Tap();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// How many records there are by now.
  [[nodiscard]] std::size_t mark() const;

  /// The first record from `mark` on that `wanted` accepts; nullopt if none comes in `patience`.
  using Wanted = std::function<bool(const TapRecord& record)>;
  [[nodiscard]] std::optional<TapRecord> await(std::size_t mark, const Wanted& wanted,
                                               std::chrono::milliseconds patience);

  /// All records from `mark` on.
  [[nodiscard]] std::vector<TapRecord> records(std::size_t mark) const;

  /// Breaks the device's connections as a network would: nobody says goodbye.
  void cut();

 private:
  struct Line;

  Tap(UniqueFd listener, std::uint16_t port, const mqtt::Address& broker);

  void run(const std::stop_token& stop);
  void accept_one();
  bool pass_on(Line& line);
  void take(Line& line, const mqtt::Packet& packet);
  void note(TapRecord record);

  UniqueFd listener_;
  std::uint16_t port_;
  mqtt::Address broker_;
  std::vector<std::unique_ptr<Line>> lines_;  // Owned by the thread.
  std::size_t connections_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable noted_;
  std::vector<TapRecord> records_;  // Guarded by mutex_.
  bool cut_wanted_ = false;         // Guarded by mutex_.
  std::jthread thread_;             // Last: it uses all of the above.
};

}  // namespace muster::agent
