#include "broker-bridge/actions/action_outbox.h"

#include <doctest/doctest.h>

#include <chrono>

namespace muster {
namespace {

using namespace std::chrono_literals;

const DeviceId one{1};
const DeviceId two{2};

/// An outbox, and a clock that the test moves.
struct Outbox {
  ActionOutbox outbox;
  ActionOutbox::SteadyTime now{1h};

  /// The number of the device whose turn it is, negative if it is overdue; 0: nobody's.
  int turn() {
    const auto next = outbox.next(now);
    if (!next) return 0;
    const int number = static_cast<int>(next->device.value());
    return next->overdue ? -number : number;
  }
  void pass(std::chrono::seconds time) { now += time; }
};

}  // namespace

TEST_CASE_FIXTURE(Outbox, "action outbox: devices have their turns in the order they changed") {
  CHECK(turn() == 0);
  outbox.look_at(two);
  outbox.look_at(one);
  outbox.look_at(two);
  CHECK(outbox.waiting() == 2);
  CHECK(turn() == 2);
  CHECK(turn() == 1);
  CHECK(turn() == 0);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: a change during a step leads to another turn, not two") {
  outbox.look_at(one);
  REQUIRE(turn() == 1);
  outbox.look_at(one);
  outbox.look_at(one);
  CHECK(turn() == 0);
  outbox.done(one);
  CHECK(turn() == 1);
  outbox.done(one);
  CHECK(turn() == 0);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: a silent device is overdue, each time twice as late") {
  outbox.look_at(one);
  REQUIRE(turn() == 1);
  outbox.sent(one, true, now);
  outbox.done(one);
  for (const auto wait : {10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    CHECK(outbox.next_due() == now + wait);
    pass(wait - 1s);
    CHECK(turn() == 0);
    pass(1s);
    REQUIRE(turn() == -1);
    outbox.sent(one, false, now);
    outbox.done(one);
  }
  outbox.look_at(one);
  REQUIRE(turn() == 1);
  outbox.sent(one, true, now);
  CHECK(outbox.next_due() == now + 10s);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: it stays overdue until something is sent") {
  outbox.look_at(one);
  REQUIRE(turn() == 1);
  outbox.sent(one, true, now);
  outbox.done(one);
  pass(10s);
  REQUIRE(turn() == -1);
  outbox.look_at(one);  // The engine was busy.
  outbox.done(one);
  CHECK(turn() == -1);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: who answers or goes is not waited for") {
  for (const DeviceId device : {one, two}) {
    outbox.look_at(device);
    REQUIRE(turn() != 0);
    outbox.sent(device, true, now);
    outbox.done(device);
  }
  outbox.heard(one);
  outbox.forget(two);
  outbox.forget(DeviceId{3});
  CHECK(outbox.next_due() == std::nullopt);
  pass(1h);
  CHECK(turn() == 0);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: an answer before the broker's own ends the wait too") {
  outbox.look_at(one);
  REQUIRE(turn() == 1);
  outbox.sent(one, true, now);
  outbox.heard(one);
  outbox.done(one);
  CHECK(outbox.next_due() == std::nullopt);
  outbox.look_at(one);
  CHECK(turn() == 1);
}

TEST_CASE_FIXTURE(Outbox, "action outbox: a lost connection forgets all") {
  outbox.look_at(one);
  outbox.look_at(two);
  REQUIRE(turn() == 1);
  outbox.sent(one, true, now);
  outbox.clear();
  CHECK(turn() == 0);
  CHECK(outbox.next_due() == std::nullopt);
  outbox.look_at(one);
  CHECK(turn() == 1);
}

}  // namespace muster
