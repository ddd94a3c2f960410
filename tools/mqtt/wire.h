#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster::mqtt {

// The packets of MQTT 3.1.1 as bytes, for clients of our own: thousands in one process, or bare
// ones that measure nothing but the broker.

/// The control packet types that are told apart here.
enum class PacketType : std::uint8_t {
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  subscribe = 8,
  suback = 9,
  pingreq = 12,
  pingresp = 13,
  disconnect = 14,
};

struct Packet {
  PacketType type{};  // One of the above, or another.
  std::uint8_t flags = 0;
  std::string body;  // All after the length.
};

struct Will {
  std::string topic;
  std::string payload;
};

/// A clean session. The will goes at QoS 1 and is not retained.
struct Login {
  std::string client_id;
  std::string username;  // Empty: none, and no password.
  std::string password;
  std::optional<Will> will;
  std::uint16_t keep_alive_s = 0;  // 0: none.
};

struct Publish {
  std::string topic;
  std::string payload;
  std::optional<std::uint16_t> id;  // With one at QoS 1, to be acknowledged; else at QoS 0.
  bool retain = false;
};

[[nodiscard]] std::string connect_packet(const Login& login);
[[nodiscard]] std::string subscribe_packet(std::uint16_t id, std::span<const std::string> filters);
[[nodiscard]] std::string publish_packet(const Publish& publish);
[[nodiscard]] std::string puback_packet(std::uint16_t id);
[[nodiscard]] std::string pingreq_packet();
[[nodiscard]] std::string disconnect_packet();

/// Cuts a stream of bytes into packets.
class PacketStream {
 public:
  void append(std::string_view bytes);

  /// The next whole packet; nullopt if there is none yet.
  /// Errors: failed if it is no MQTT, or larger than 1 MiB.
  [[nodiscard]] Result<std::optional<Packet>> next();

 private:
  std::string bytes_;
  std::size_t taken_ = 0;  // Of bytes_.
};

// What is in a packet of that type. Errors: failed.
[[nodiscard]] Result<Publish> read_publish(const Packet& packet);
[[nodiscard]] Result<std::uint16_t> read_puback(const Packet& packet);

/// The code of the standard: 0 is welcome. Errors: failed.
[[nodiscard]] Result<std::uint8_t> read_connack(const Packet& packet);

/// True if every subscription was taken. Errors: failed.
[[nodiscard]] Result<bool> read_suback(const Packet& packet);

}  // namespace muster::mqtt
