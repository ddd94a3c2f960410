#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace muster::bench {

// The few packets of MQTT 3.1.1 that a measurement needs, as bytes.

/// The control packet types that are told apart here.
enum class MqttPacketType : std::uint8_t {
  connack = 2,
  publish = 3,
  puback = 4,
  suback = 9,
};

struct MqttPacket {
  std::uint8_t type = 0;  // One of MqttPacketType, or another.
  std::uint8_t flags = 0;
  std::string body;  // All after the length.
};

struct MqttLogin {
  std::string client_id;
  std::string username;  // Empty: none, and no password.
  std::string password;
};

[[nodiscard]] std::string connect_packet(const MqttLogin& login);
[[nodiscard]] std::string subscribe_packet(std::uint16_t id, std::string_view topic);
[[nodiscard]] std::string retained_packet(std::uint16_t id, std::string_view topic,
                                          std::string_view payload);
[[nodiscard]] std::string puback_packet(std::uint16_t id);

/// Takes the first whole packet out of `bytes`; nullopt if there is none yet.
/// Errors: failed if it is no MQTT, or larger than 1 MiB.
[[nodiscard]] Result<std::optional<MqttPacket>> take_packet(std::string& bytes);

struct MqttPublish {
  std::string topic;
  std::string payload;
  std::optional<std::uint16_t> id;  // To be acknowledged.
};

/// Reads a packet of type publish. Errors: failed.
[[nodiscard]] Result<MqttPublish> read_publish(const MqttPacket& packet);

}  // namespace muster::bench
