#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"
#include "tools/mqtt/address.h"
#include "tools/mqtt/wire.h"

namespace muster::mqtt {

/// One MQTT connection that never waits: its owner waits for many at once and calls when there is
/// something to do. Knows packets, not what they are for. One thread.
class Connection {
 public:
  /// Begins to connect. Errors: unavailable (no socket, no address).
  [[nodiscard]] static Result<Connection> open(const Address& broker);

  /// Puts bytes into the way out, and out of it what the socket takes.
  /// Errors: unavailable (it is broken).
  [[nodiscard]] Result<void> send(std::string_view bytes);

  /// What the socket can take now. Also tells how a connect that had begun has ended.
  /// Errors: unavailable.
  [[nodiscard]] Result<void> flush();

  /// Hands over each packet that has come whole. The sink's errors end it.
  /// Errors: unavailable (closed, broken), failed (no MQTT).
  using Sink = std::function<Result<void>(const Packet& packet)>;
  [[nodiscard]] Result<void> receive(const Sink& sink);

  /// True if `flush` is to be called when the socket can take more.
  [[nodiscard]] bool has_unsent() const noexcept { return !unsent_.empty(); }

  [[nodiscard]] int fd() const noexcept { return socket_.get(); }

 private:
  explicit Connection(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
  std::string unsent_;
  PacketStream incoming_;
};

}  // namespace muster::mqtt
