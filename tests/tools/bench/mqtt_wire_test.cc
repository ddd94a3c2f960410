#include "tools/bench/pin/mqtt_wire.h"

#include <doctest/doctest.h>

#include <string>

namespace muster::bench {
namespace {

using namespace std::string_literals;

MqttPacket must_take(std::string& bytes) {
  auto packet = take_packet(bytes);
  REQUIRE(packet.has_value());
  REQUIRE(packet->has_value());
  return **packet;
}

}  // namespace

TEST_CASE("mqtt wire: a connect is what the standard says") {
  CHECK(connect_packet({.client_id = "c", .username = {}, .password = {}}) ==
        "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01"
        "c"s);
  CHECK(connect_packet({.client_id = "c", .username = "u", .password = "p"}) ==
        "\x10\x13\x00\x04MQTT\x04\xc2\x00\x00\x00\x01"
        "c\x00\x01u\x00\x01p"s);
}

TEST_CASE("mqtt wire: what is published is read again, also with a length of three bytes") {
  const std::string payload(20'000, 'x');
  std::string bytes = retained_packet(0x1234, "a/b", payload) + puback_packet(7);
  const auto packet = must_take(bytes);
  CHECK(packet.type == static_cast<std::uint8_t>(MqttPacketType::publish));
  const auto publish = read_publish(packet);
  REQUIRE(publish.has_value());
  CHECK(publish->topic == "a/b");
  CHECK(publish->payload == payload);
  CHECK(publish->id == 0x1234);
  CHECK(must_take(bytes).type == static_cast<std::uint8_t>(MqttPacketType::puback));
  CHECK(bytes.empty());
}

TEST_CASE("mqtt wire: a packet that has not come whole waits") {
  const std::string whole = subscribe_packet(1, "some/topic");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string part = whole.substr(0, size);
    const auto packet = take_packet(part);
    REQUIRE(packet.has_value());
    CHECK_FALSE(packet->has_value());
    CHECK(part.size() == size);
  }
}

TEST_CASE("mqtt wire: what is no MQTT, too large or broken is refused") {
  std::string endless = "\x30\xff\xff\xff\xff\xff"s;
  CHECK_FALSE(take_packet(endless).has_value());
  std::string large = "\x30\xff\xff\xff\x7f"s;
  CHECK_FALSE(take_packet(large).has_value());
  CHECK_FALSE(read_publish({.type = 3, .flags = 2, .body = "\x00"s}).has_value());
  CHECK_FALSE(read_publish({.type = 3, .flags = 2, .body = "\x00\x09topic"s}).has_value());
  CHECK_FALSE(read_publish({.type = 3, .flags = 2, .body = "\x00\x01t\x00"s}).has_value());
}

}  // namespace muster::bench
