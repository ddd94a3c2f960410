#include "tools/mqtt/wire.h"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

namespace muster::mqtt {
namespace {

using namespace std::string_literals;

Packet must_take(PacketStream& stream) {
  auto packet = stream.next();
  REQUIRE(packet.has_value());
  REQUIRE(packet->has_value());
  return **packet;
}

}  // namespace

TEST_CASE("mqtt wire: a connect is what the standard says") {
  CHECK(connect_packet({.client_id = "c", .username = {}, .password = {}, .will = {}}) ==
        "\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01"
        "c"s);
  CHECK(connect_packet({.client_id = "c", .username = "u", .password = "p", .will = {}}) ==
        "\x10\x13\x00\x04MQTT\x04\xc2\x00\x00\x00\x01"
        "c\x00\x01u\x00\x01p"s);
  CHECK(connect_packet({.client_id = "c",
                        .username = "u",
                        .password = "p",
                        .will = Will{"w", "xy"},
                        .keep_alive_s = 258}) ==
        "\x10\x1a\x00\x04MQTT\x04\xce\x01\x02\x00\x01"
        "c\x00\x01w\x00\x02xy\x00\x01u\x00\x01p"s);
}

TEST_CASE("mqtt wire: a subscription asks for every filter at QoS 1") {
  const std::vector<std::string> filters{"a", "b/c"};
  CHECK(subscribe_packet(5, filters) ==
        "\x82\x0c\x00\x05\x00\x01"
        "a\x01\x00\x03"
        "b/c\x01"s);
  CHECK(read_suback({.type = PacketType::suback, .body = "\x00\x05\x01\x00"s}) == true);
  CHECK(read_suback({.type = PacketType::suback, .body = "\x00\x05\x01\x80"s}) == false);
  CHECK_FALSE(read_suback({.type = PacketType::suback, .body = "\x00\x05"s}).has_value());
}

TEST_CASE("mqtt wire: what is published is read again, also with a length of three bytes") {
  const std::string payload(20'000, 'x');
  PacketStream stream;
  stream.append(publish_packet({.topic = "a/b", .payload = payload, .id = 0x1234, .retain = true}) +
                puback_packet(7));
  const auto packet = must_take(stream);
  CHECK(packet.type == PacketType::publish);
  const auto publish = read_publish(packet);
  REQUIRE(publish.has_value());
  CHECK(publish->topic == "a/b");
  CHECK(publish->payload == payload);
  CHECK(publish->id == 0x1234);
  CHECK(publish->retain);
  CHECK(read_puback(must_take(stream)) == 7);
  CHECK_FALSE(stream.next()->has_value());
}

TEST_CASE("mqtt wire: a packet waits until it has come whole") {
  const std::string whole = subscribe_packet(1, std::array{std::string("some/topic")});
  PacketStream stream;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(stream.next()->has_value());
    stream.append(whole.substr(size, 1));
  }
  CHECK(must_take(stream).type == PacketType::subscribe);
}

TEST_CASE("mqtt wire: what is no MQTT, too large or broken is refused") {
  for (const auto& bytes : {"\x30\xff\xff\xff\xff\xff"s, "\x30\xff\xff\xff\x7f"s}) {
    PacketStream stream;
    stream.append(bytes);
    CHECK_FALSE(stream.next().has_value());
  }
  for (const auto& body : {"\x00"s, "\x00\x09topic"s, "\x00\x01t\x00"s}) {
    CHECK_FALSE(read_publish({.type = PacketType::publish, .flags = 2, .body = body}).has_value());
  }
}

}  // namespace muster::mqtt
