// What devices say: presence, and the few things that become events.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/topic.h"
#include "projections/reader.h"
#include "tests/broker-bridge/bridge_support.h"
#include "tests/support/broker_support.h"

namespace muster::test {
namespace {

using muster::test::comes_true;
using namespace std::chrono_literals;

const std::string running = "0123456789abcdef";

std::string birth(const std::string& session, const std::string& boot) {
  return fmt::format(
      R"({{"online":true,"session":"{}","boot":"{}","encoding":"json","os_version":"12.4",)"
      R"("os_variant":"prod","agent_version":"0.1.0"}})",
      session, boot);
}

std::string birth_asking(const std::string& session, Encoding encoding) {
  return fmt::format(R"({{"online":true,"session":"{}","encoding":"{}"}})", session,
                     to_string(encoding));
}

std::string will(const std::string& session) {
  return fmt::format(R"({{"online":false,"session":"{}"}})", session);
}

std::string state(const std::string& commit) {
  return fmt::format(R"({{"epoch":1,"seq":1,"running":{},"status":"idle","locks":[]}})", commit);
}

/// A device of a bridged system, spoken for by a client.
struct Spoken {
  void say(UpKind kind, const std::string& payload) { client.say(up_topic(device, kind), payload); }
  bool is(Presence presence) {
    return comes_true([&] { return given.look(device).presence == presence; }, 5s);
  }
  Device row() { return Reader(given.system.store()).find_device(device).value(); }
  Sequence head() { return given.system.log().head(); }

  /// True if the log grows to `count` events more than `before`, and no further.
  bool grows(Sequence before, std::uint64_t count) {
    const auto grown = [&](std::uint64_t by) { return head().value() >= before.value() + by; };
    return comes_true([&] { return grown(count); }, 5s) &&
           !comes_true([&] { return grown(count + 1); }, 200ms);
  }

  Broker broker;
  Bridged given{broker};
  Uuid device = given.system.device(given.system.fleet("thermo"));
  Watcher client{broker.port(), broker.login()};
};

}  // namespace

TEST_CASE("bridge: a birth that asks for another form has the target replaced, at the same seq") {
  Spoken spoken;
  spoken.given.start();
  REQUIRE(comes_true([&] { return spoken.given.has_all_targets(spoken.client); }, 5s));
  const std::string topic = target_topic(spoken.device);
  const auto before = parse_target_version(spoken.client.last(topic));
  REQUIRE(before.has_value());
  for (const Encoding asked : {Encoding::flatbuffers, Encoding::json}) {
    spoken.say(UpKind::presence, birth_asking("s1", asked));
    REQUIRE(comes_true([&] { return spoken.row().encoding == asked; }, 5s));
    REQUIRE(comes_true([&] { return spoken.given.has_all_targets(spoken.client); }, 5s));
    const auto after = parse_target_version(spoken.client.last(topic));
    REQUIRE(after.has_value());
    CHECK(after->encoding == asked);
    CHECK(after->sequence == before->sequence);
  }
  CHECK(spoken.given.settled(spoken.client));
}

TEST_CASE("bridge: births, wills and states are seen, and change the log once") {
  Spoken spoken;
  spoken.given.start();
  const Sequence before = spoken.head();
  spoken.say(UpKind::presence, birth("s1", "b1"));
  CHECK(spoken.is(Presence::online));
  CHECK(spoken.grows(before, 2));
  spoken.say(UpKind::state, state('"' + running + '"'));
  CHECK(spoken.grows(before, 3));
  CHECK(spoken.row().os_version == "12.4");
  CHECK(spoken.row().os_variant == OsVariant::production);
  CHECK(spoken.row().agent_version == "0.1.0");
  CHECK(spoken.row().boot == "b1");
  CHECK(spoken.row().running_commit == running);
  CHECK(spoken.given.look(spoken.device).progress->running == running);

  for (int i = 0; i < 3; ++i) {
    spoken.say(UpKind::presence, birth("s2", "b1"));
    spoken.say(UpKind::state, state('"' + running + '"'));
  }
  spoken.say(UpKind::presence, will("s1"));
  CHECK(spoken.grows(before, 3));
  CHECK(spoken.is(Presence::online));
  spoken.say(UpKind::presence, will("s2"));
  CHECK(spoken.is(Presence::offline));

  spoken.say(UpKind::state, state("null"));
  CHECK(spoken.grows(before, 4));
  CHECK(spoken.row().running_commit.empty());
}

TEST_CASE("bridge: rubbish and strangers are counted, and change nothing") {
  Spoken spoken;
  spoken.given.start();
  const Sequence before = spoken.head();
  const std::vector<std::string> rubbish = {
      "",
      "{",
      "[]",
      "\xff",
      std::string(17'000, '['),
      std::string(16'000, '['),
      R"({"online":1,"session":"s","status":"idle","running":7})"};
  for (const std::string& payload : rubbish) {
    spoken.say(UpKind::presence, payload);
    spoken.say(UpKind::state, payload);
  }
  const std::string stranger = up_topic(random_uuid(), UpKind::presence);
  spoken.client.say(stranger, birth("s1", "b1"));
  spoken.client.say(up_topic(random_uuid(), UpKind::state), state("null"));
  spoken.client.say("muster/v1/d/nobody/up/state", state("null"));
  // Some of them may be overwritten unread.
  CHECK(comes_true([&] { return spoken.given.health().refused >= 7; }, 5s));
  CHECK(spoken.grows(before, 0));
  CHECK(spoken.given.look(spoken.device).progress == std::nullopt);
}

TEST_CASE("bridge: a busy writer gets the report later") {
  const Broker broker;
  Uuid device;
  {
    System before(broker.data());
    device = before.device(before.fleet("thermo"));
  }
  Bridged given(broker, EngineOptions{.tail_events = 1});
  given.system.device("acme/thermo");  // Nobody folds it, so the writer takes no more.
  const Sequence head = given.system.log().head();
  given.bridge->start();
  Watcher client(broker.port(), broker.login());
  REQUIRE(comes_true([&] { return given.health().connected; }, 10s));
  client.say(up_topic(device, UpKind::presence), birth("s1", "b1"));
  REQUIRE(comes_true([&] { return given.look(device).presence == Presence::online; }, 5s));
  CHECK_FALSE(comes_true([&] { return given.system.log().head() != head; }, 300ms));
  given.system.follow();
  CHECK(comes_true([&] { return given.system.log().head().value() == head.value() + 2; }, 5s));
}

TEST_CASE("bridge: two devices of one identity are seen, and do not fill the log") {
  Spoken spoken;
  spoken.given.start();
  const Sequence before = spoken.head();
  for (int i = 0; i < 20; ++i) {
    const std::string name = i % 2 == 0 ? "a" : "b";
    spoken.say(UpKind::presence, birth(name, name));
    CHECK(comes_true([&] { return spoken.given.look(spoken.device).since.has_value(); }, 5s));
    spoken.say(UpKind::state, state(i % 2 == 0 ? "null" : '"' + running + '"'));
  }
  CHECK(comes_true([&] { return spoken.given.look(spoken.device).cloned; }, 5s));
  CHECK(spoken.head().value() - before.value() < 20);
}

TEST_CASE("bridge: who is not heard from after a start is offline when the patience ends") {
  Spoken spoken;
  spoken.given.start();
  CHECK(spoken.given.look(spoken.device).presence == Presence::unknown);
  // spread_s and 10 s of grace, seen from then.
  const Timestamp later = spoken.given.now() + 12s;
  CHECK(spoken.given.look(spoken.device, later).presence == Presence::offline);
}

TEST_CASE("bridge: a device that comes gets its target from the broker, not twice") {
  Spoken spoken;
  spoken.given.start();
  REQUIRE(spoken.given.settled(spoken.client));
  spoken.say(UpKind::presence, birth("s1", "b1"));
  CHECK(spoken.is(Presence::online));
  REQUIRE(spoken.given.settled(spoken.client));
  CHECK(spoken.given.health().published == 1);
}

}  // namespace muster::test
