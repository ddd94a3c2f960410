#include "tools/bench/pin/mqtt_wire.h"

#include <cstddef>

#include "core/base/assert.h"

namespace muster::bench {
namespace {

constexpr std::size_t packet_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t length_bytes_max = 4;
constexpr unsigned length_bits = 7;

constexpr std::uint8_t connect_byte = 0x10;
constexpr std::uint8_t retained_at_least_once_byte = 0x33;
constexpr std::uint8_t puback_byte = 0x40;
constexpr std::uint8_t subscribe_byte = 0x82;
constexpr std::uint8_t at_least_once = 1;
constexpr std::uint8_t clean_session = 0x02;
constexpr std::uint8_t with_credentials = 0xC0;

void put_u16(std::string& out, std::size_t value) {
  MUSTER_ASSERT(value <= UINT16_MAX, "a length or an id fits 16 bits");
  out.push_back(static_cast<char>(value >> 8U));
  out.push_back(static_cast<char>(value & 0xFFU));
}

void put_text(std::string& out, std::string_view text) {
  put_u16(out, text.size());
  out.append(text);
}

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::uint16_t u16_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint16_t>((byte_at(bytes, at) << 8U) | byte_at(bytes, at + 1));
}

std::string packet(std::uint8_t first, std::string_view body) {
  std::string out(1, static_cast<char>(first));
  std::size_t left = body.size();
  do {
    const std::size_t more = left >> length_bits;
    out.push_back(static_cast<char>((left & 0x7FU) | (more > 0 ? 0x80U : 0U)));
    left = more;
  } while (left > 0);
  return out.append(body);
}

}  // namespace

std::string connect_packet(const MqttLogin& login) {
  constexpr char version_3_1_1 = 4;
  std::string body;
  put_text(body, "MQTT");
  body.push_back(version_3_1_1);
  const bool named = !login.username.empty();
  body.push_back(static_cast<char>(clean_session | (named ? with_credentials : 0U)));
  put_u16(body, 0);  // No keep-alive: a measurement is short.
  put_text(body, login.client_id);
  if (named) {
    put_text(body, login.username);
    put_text(body, login.password);
  }
  return packet(connect_byte, body);
}

std::string subscribe_packet(std::uint16_t id, std::string_view topic) {
  std::string body;
  put_u16(body, id);
  put_text(body, topic);
  body.push_back(at_least_once);
  return packet(subscribe_byte, body);
}

std::string retained_packet(std::uint16_t id, std::string_view topic, std::string_view payload) {
  std::string body;
  put_text(body, topic);
  put_u16(body, id);
  body.append(payload);
  return packet(retained_at_least_once_byte, body);
}

std::string puback_packet(std::uint16_t id) {
  std::string body;
  put_u16(body, id);
  return packet(puback_byte, body);
}

Result<std::optional<MqttPacket>> take_packet(std::string& bytes) {
  std::size_t length = 0;
  std::size_t at = 1;
  for (unsigned shift = 0;; shift += length_bits, ++at) {
    if (at > length_bytes_max) return fail(ErrorCode::failed, "the broker sent no MQTT");
    if (at >= bytes.size()) return std::nullopt;
    const std::uint8_t byte = byte_at(bytes, at);
    length |= std::size_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) break;
  }
  if (length > packet_bytes_max) return fail(ErrorCode::failed, "the broker sent too much at once");
  const std::size_t start = at + 1;
  if (bytes.size() < start + length) return std::nullopt;
  MqttPacket packet{.type = static_cast<std::uint8_t>(byte_at(bytes, 0) >> 4U),
                    .flags = static_cast<std::uint8_t>(byte_at(bytes, 0) & 0x0FU),
                    .body = bytes.substr(start, length)};
  bytes.erase(0, start + length);
  return packet;
}

Result<MqttPublish> read_publish(const MqttPacket& packet) {
  const std::string_view body = packet.body;
  const auto broken = [] { return fail(ErrorCode::failed, "the broker sent a broken message"); };
  if (body.size() < 2) return broken();
  std::size_t at = 2 + std::size_t{u16_at(body, 0)};
  if (at > body.size()) return broken();
  MqttPublish publish{.topic = std::string(body.substr(2, at - 2)), .payload = {}, .id = {}};
  if ((packet.flags & 0x06U) != 0) {
    if (at + 2 > body.size()) return broken();
    publish.id = u16_at(body, at);
    at += 2;
  }
  publish.payload = body.substr(at);
  return publish;
}

}  // namespace muster::bench
