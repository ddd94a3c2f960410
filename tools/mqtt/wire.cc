#include "tools/mqtt/wire.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/base/assert.h"

namespace muster::mqtt {
namespace {

constexpr std::size_t packet_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t length_bytes_max = 4;
constexpr unsigned length_bits = 7;

constexpr std::uint8_t subscribe_flags = 0x02;
constexpr std::uint8_t at_least_once_flag = 0x02;
constexpr std::uint8_t qos_flags = 0x06;
constexpr std::uint8_t retain_flag = 0x01;
constexpr std::uint8_t at_least_once = 1;
constexpr std::uint8_t refused_subscription = 0x80;

constexpr std::uint8_t clean_session = 0x02;
constexpr std::uint8_t with_will_at_least_once = 0x0C;
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

std::string packet(PacketType type, std::uint8_t flags, std::string_view body) {
  std::string out(1, static_cast<char>((static_cast<std::uint8_t>(type) << 4U) | flags));
  std::size_t left = body.size();
  do {
    const std::size_t more = left >> length_bits;
    out.push_back(static_cast<char>((left & 0x7FU) | (more > 0 ? 0x80U : 0U)));
    left = more;
  } while (left > 0);
  return out.append(body);
}

tl::unexpected<Error> broken() {
  return fail(ErrorCode::failed, "the broker sent a broken message");
}

}  // namespace

std::string connect_packet(const Login& login) {
  constexpr char version_3_1_1 = 4;
  std::string body;
  put_text(body, "MQTT");
  body.push_back(version_3_1_1);
  const bool named = !login.username.empty();
  body.push_back(static_cast<char>(clean_session | (named ? with_credentials : 0U) |
                                   (login.will ? with_will_at_least_once : 0U)));
  put_u16(body, login.keep_alive_s);
  put_text(body, login.client_id);
  if (login.will) {
    put_text(body, login.will->topic);
    put_text(body, login.will->payload);
  }
  if (named) {
    put_text(body, login.username);
    put_text(body, login.password);
  }
  return packet(PacketType::connect, 0, body);
}

std::string subscribe_packet(std::uint16_t id, std::span<const std::string> filters) {
  std::string body;
  put_u16(body, id);
  for (const std::string& filter : filters) {
    put_text(body, filter);
    body.push_back(at_least_once);
  }
  return packet(PacketType::subscribe, subscribe_flags, body);
}

std::string publish_packet(const Publish& publish) {
  std::string body;
  body.reserve(publish.topic.size() + publish.payload.size() + 2 * sizeof(std::uint16_t));
  put_text(body, publish.topic);
  if (publish.id) put_u16(body, *publish.id);
  body.append(publish.payload);
  const auto flags = static_cast<std::uint8_t>((publish.id ? at_least_once_flag : 0U) |
                                               (publish.retain ? retain_flag : 0U));
  return packet(PacketType::publish, flags, body);
}

std::string puback_packet(std::uint16_t id) {
  std::string body;
  put_u16(body, id);
  return packet(PacketType::puback, 0, body);
}

std::string pingreq_packet() { return packet(PacketType::pingreq, 0, {}); }
std::string disconnect_packet() { return packet(PacketType::disconnect, 0, {}); }

void PacketStream::append(std::string_view bytes) {
  if (taken_ > 0) bytes_.erase(0, std::exchange(taken_, 0));
  bytes_.append(bytes);
}

Result<std::optional<Packet>> PacketStream::next() {
  const std::string_view rest = std::string_view(bytes_).substr(taken_);
  std::size_t length = 0;
  std::size_t at = 1;
  for (unsigned shift = 0;; shift += length_bits, ++at) {
    if (at > length_bytes_max) return fail(ErrorCode::failed, "the other side sent no MQTT");
    if (at >= rest.size()) return std::nullopt;
    const std::uint8_t byte = byte_at(rest, at);
    length |= std::size_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) break;
  }
  if (length > packet_bytes_max) {
    return fail(ErrorCode::failed, "the other side sent too much at once");
  }
  const std::size_t start = at + 1;
  if (rest.size() < start + length) return std::nullopt;
  taken_ += start + length;
  return Packet{.type = static_cast<PacketType>(byte_at(rest, 0) >> 4U),
                .flags = static_cast<std::uint8_t>(byte_at(rest, 0) & 0x0FU),
                .body = std::string(rest.substr(start, length))};
}

Result<Publish> read_publish(const Packet& packet) {
  const std::string_view body = packet.body;
  if (body.size() < 2) return broken();
  std::size_t at = 2 + std::size_t{u16_at(body, 0)};
  if (at > body.size()) return broken();
  Publish publish{.topic = std::string(body.substr(2, at - 2)),
                  .payload = {},
                  .id = {},
                  .retain = (packet.flags & retain_flag) != 0};
  if ((packet.flags & qos_flags) != 0) {
    if (at + 2 > body.size()) return broken();
    publish.id = u16_at(body, at);
    at += 2;
  }
  publish.payload = body.substr(at);
  return publish;
}

Result<std::uint16_t> read_puback(const Packet& packet) {
  if (packet.body.size() < 2) return broken();
  return u16_at(packet.body, 0);
}

Result<std::uint8_t> read_connack(const Packet& packet) {
  if (packet.body.size() < 2) return broken();
  return byte_at(packet.body, 1);
}

Result<bool> read_suback(const Packet& packet) {
  if (packet.body.size() < 3) return broken();
  const auto codes = std::string_view(packet.body).substr(2);
  return std::ranges::none_of(
      codes, [](char code) { return static_cast<std::uint8_t>(code) >= refused_subscription; });
}

}  // namespace muster::mqtt
