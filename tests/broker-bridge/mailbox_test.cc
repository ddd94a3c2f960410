#include "broker-bridge/bridge_mailbox.h"

#include <doctest/doctest.h>

#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

struct Box {
  BridgeMailbox mailbox;
  Uuid device = random_uuid();

  void say(UpKind kind, const std::string& payload) {
    mailbox.on_message({.topic = up_topic(device, kind), .payload = payload});
  }
  void fold(Sequence sequence, Event event) {
    const Recorded recorded{.sequence = sequence, .meta = {}, .event = std::move(event)};
    mailbox.on_folded({&recorded, 1});
  }
  BridgeMail take() { return mailbox.take(std::chrono::steady_clock::now()); }
};

}  // namespace

TEST_CASE("mailbox: of a device's states the latest is kept, of its presence the last few") {
  Box box;
  for (const std::string payload : {"1", "2", "3", "4", "5", "6"}) {
    box.say(UpKind::presence, payload);
    box.say(UpKind::state, payload);
  }
  const BridgeMail mail = box.take();
  REQUIRE(mail.from_devices.size() == 1);
  const auto& said = mail.from_devices.front().second;
  CHECK(said.presences == std::vector<std::string>{"3", "4", "5", "6"});
  CHECK(said.state == "6");
  CHECK(box.take().from_devices.empty());
}

TEST_CASE("mailbox: of many devices some are handed over at a time, in the order they came") {
  constexpr std::size_t devices = 120;
  Box box;
  std::vector<Uuid> spoke;
  for (std::size_t i = 0; i < devices; ++i) {
    box.device.bytes[0] = static_cast<std::uint8_t>(i);
    spoke.push_back(box.device);
    box.say(UpKind::state, "first");
    box.say(UpKind::state, "last");
  }
  std::vector<Uuid> heard;
  for (auto mail = box.take(); !mail.from_devices.empty(); mail = box.take()) {
    CHECK(mail.from_devices.size() <= devices / 2);
    for (const auto& [device, said] : mail.from_devices) {
      heard.push_back(device);
      CHECK(said.state == "last");
    }
  }
  CHECK(heard == spoke);
}

TEST_CASE("mailbox: whoever can use only many acknowledgements is woken for many, or for news") {
  using namespace std::chrono_literals;
  Box box;
  const auto in_time = [] { return std::chrono::steady_clock::now() + 10s; };
  box.mailbox.on_delivered(1);
  CHECK(box.mailbox.take(std::chrono::steady_clock::now() + 20ms, 3).delivered.size() == 1);
  for (DeliveryId id = 2; id < 5; ++id) box.mailbox.on_delivered(id);
  CHECK(box.mailbox.take(in_time(), 3).delivered.size() == 3);
  box.mailbox.on_delivered(5);
  box.fold(Sequence{7}, DevicePinned{DeviceId{1}, ReleaseId{1}, {}});
  CHECK(box.mailbox.take(in_time(), 3).delivered.size() == 1);
}

TEST_CASE("mailbox: what fits no topic or is too large is dropped and counted") {
  Box box;
  box.mailbox.on_message({.topic = "muster/v1/d/x/up/state", .payload = "{}"});
  box.say(UpKind::state, std::string(inbound_size_max + 1, ' '));
  box.say(UpKind::state, std::string(inbound_size_max, ' '));
  CHECK(box.take().from_devices.size() == 1);
  CHECK(box.mailbox.dropped() == 2);
}

TEST_CASE("mailbox: events that change no target are known and leave no mark") {
  Box box;
  box.fold(Sequence{7}, DeviceRenamed{DeviceId{1}, "other"});
  BridgeMail mail = box.take();
  CHECK(mail.marks.empty());
  CHECK(mail.folded == Sequence{7});
  box.fold(Sequence{8}, FleetTargetChanged{.fleet = FleetId{3}, .from = {}, .to = ReleaseId{1}});
  mail = box.take();
  REQUIRE(mail.marks.size() == 1);
  CHECK(mail.marks.front().whom == std::variant<DeviceId, Audience>(Audience(FleetId{3})));
  CHECK(mail.marks.front().sequence == Sequence{8});
}

TEST_CASE("mailbox: more marks than anybody should hold become one about all, from the oldest") {
  Box box;
  for (std::uint32_t i = 1; i <= 100'001; ++i) {
    box.fold(Sequence{i}, DevicePinned{DeviceId{i}, ReleaseId{1}, {}});
  }
  const BridgeMail mail = box.take();
  REQUIRE(mail.marks.size() == 2);
  CHECK(mail.marks.front().whom == std::variant<DeviceId, Audience>(Audience(AllDevices{})));
  CHECK(mail.marks.front().sequence == Sequence{1});
  CHECK(mail.folded == Sequence{100'001});
}

TEST_CASE("mailbox: a new connection begins without the old one's mail, but keeps the answers") {
  Box box;
  box.say(UpKind::state, "{}");
  box.mailbox.on_lost("gone");
  box.mailbox.on_delivered(1);
  box.fold(Sequence{5}, DevicePinned{DeviceId{1}, ReleaseId{1}, {}});
  box.mailbox.on_reported(box.device);
  box.mailbox.start_anew();
  const BridgeMail mail = box.take();
  CHECK_FALSE(mail.lost.has_value());
  CHECK(mail.delivered.empty());
  CHECK(mail.marks.empty());
  CHECK(mail.from_devices.empty());
  CHECK(mail.reported == std::vector<Uuid>{box.device});
  CHECK(mail.folded == Sequence{5});
}

}  // namespace muster
