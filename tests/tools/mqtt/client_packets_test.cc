#include "tools/mqtt/client_packets.h"

#include <doctest/doctest.h>

#include <string>

namespace muster::mqtt {
namespace {

using namespace std::string_literals;

Packet only_packet(const std::string& bytes) {
  PacketStream stream;
  stream.append(bytes);
  auto packet = stream.next();
  REQUIRE(packet.has_value());
  REQUIRE(packet->has_value());
  return **packet;
}

}  // namespace

TEST_CASE("client packets: what our own client sends is read whole") {
  const auto connect = read_connect(only_packet(connect_packet(
      {.client_id = "c", .username = "u", .password = "p", .will = Will{"w", "gone"}})));
  REQUIRE(connect.has_value());
  CHECK(connect->version == 4);
  CHECK(connect->client_id == "c");
  CHECK(connect->username == "u");
  CHECK(connect->has_password);
  REQUIRE(connect->will.has_value());
  CHECK(connect->will->topic == "w");
  CHECK(connect->will->payload == "gone");
  CHECK(connect->will->qos == 1);
  CHECK_FALSE(connect->will->retain);

  const std::vector<std::string> filters{"a", "b"};
  const auto subscriptions = read_subscribe(only_packet(subscribe_packet(1, filters)), 4);
  REQUIRE(subscriptions.has_value());
  REQUIRE(subscriptions->size() == 2);
  CHECK(subscriptions->at(1).filter == "b");
  CHECK(subscriptions->at(1).qos == 1);

  for (const bool sure : {false, true}) {
    Publish publish{.topic = "t", .payload = "x", .id = {}, .retain = sure};
    if (sure) publish.id = 7;
    const auto read = read_client_publish(only_packet(publish_packet(publish)), 4);
    REQUIRE(read.has_value());
    CHECK(read->topic == "t");
    CHECK(read->payload == "x");
    CHECK(read->qos == (sure ? 1 : 0));
    CHECK(read->retain == sure);
  }
}

TEST_CASE("client packets: the properties of MQTT 5 are skipped") {
  // Will at QoS 2, retained, with a delay; session expiry; user name, no password.
  const Packet connect{.type = PacketType::connect,
                       .body =
                           "\x00\x04MQTT\x05\xb6\x00\x0a\x05\x11\x00\x00\x00\x3c\x00\x01"
                           "c\x05\x18\x00\x00\x00\x05\x00\x01w\x00\x02hi\x00\x01u"s};
  const auto read = read_connect(connect);
  REQUIRE(read.has_value());
  CHECK(read->version == 5);
  CHECK(read->client_id == "c");
  CHECK(read->username == "u");
  CHECK_FALSE(read->has_password);
  REQUIRE(read->will.has_value());
  CHECK(read->will->qos == 2);
  CHECK(read->will->retain);
  CHECK(read->will->payload == "hi");
  const Packet publish{
      .type = PacketType::publish, .flags = 2, .body = "\x00\x01t\x00\x07\x02\x01\x01xy"s};
  CHECK(read_client_publish(publish, 5)->payload == "xy");
  const Packet subscribe{.type = PacketType::subscribe,
                         .body =
                             "\x00\x01\x00\x00\x01"
                             "a\x01"s};
  CHECK(read_subscribe(subscribe, 5)->at(0).filter == "a");
}

TEST_CASE("client packets: what is cut short is refused") {
  const Packet whole = only_packet(connect_packet(
      {.client_id = "c", .username = "u", .password = "p", .will = Will{"w", "gone"}}));
  for (std::size_t size = 0; size + 3 < whole.body.size(); ++size) {
    CHECK_FALSE(read_connect({.type = PacketType::connect, .body = whole.body.substr(0, size)})
                    .has_value());
  }
  CHECK_FALSE(read_subscribe({.type = PacketType::subscribe,
                              .body = "\x00\x01\x00\x09"
                                      "a"s},
                             4)
                  .has_value());
  CHECK_FALSE(
      read_client_publish({.type = PacketType::publish, .body = "\x00\x09t"s}, 4).has_value());
}

}  // namespace muster::mqtt
