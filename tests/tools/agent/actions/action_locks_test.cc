// Actions, locks and targets that wait for one another (docs/device-channel.md, rules 3, 4 and 6).
#include <doctest/doctest.h>

#include <string>

#include "tests/tools/agent/actions/action_bench.h"

namespace muster::agent {

TEST_CASE("actions: locks hold back all but blink") {
  for (const std::string kind : {"restart", "purge", "reboot", "shutdown", "os-update"}) {
    Bench bench;
    bench.tell(LocksChanged{{"db", "main"}});
    CAPTURE(kind);
    CHECK(bench.tell(action({.kind = kind})) ==
          "save ack:9:delivered timer:900000..900000 ack:9:rejected");
    CHECK(bench.ack().code == 423);
    CHECK(bench.ack().message == "held back by the update lock of db, main");
    bench.tell(LocksChanged{{}});
    CHECK(bench.tell(action({.kind = kind})) == "ack:9:rejected");
  }
  Bench bench;
  bench.tell(LocksChanged{{"main"}});
  CHECK(bench.tell(action({.kind = "blink"})) == begun);
}

TEST_CASE("actions: force, or lock_override of the target, sets the locks aside") {
  Bench bench;
  bench.tell(LocksChanged{{"main"}});
  SUBCASE("force, for this action") {
    CHECK(bench.tell(action({.force = true})) == begun);
    bench.tell(AcksDelivered{});
    bench.tell(DeedFinished{});
    bench.tell(action({.n = 10}));
    CHECK(bench.ack().state == AckState::rejected);
  }
  SUBCASE("lock_override, for all") {
    bench.tell(TargetReceived{TargetText{.commit = "", .lock_override = true}.json()});
    CHECK(bench.tell(action({})) == begun);
  }
}

TEST_CASE("actions: the purge of a move waits for locks, and the target for the purge") {
  Bench bench(running_services());
  bench.tell(LocksChanged{{"main"}});
  const ActionText purge{.kind = "purge", .deliver_by = "null", .execute_within_s = 0};
  bench.tell(TargetReceived{TargetText{.seq = 9, .commit = "bb", .after_action = "9"}.json()});
  CHECK(bench.tell(StepFinished{}) == "state:waiting");
  CHECK(bench.tell(action(purge)) == "ack:9:delivered");
  CHECK(bench.tell(LocksChanged{{}}) == "save ack:9:started timer:5000..5000 state:waiting");
  CHECK(bench.tell(AcksDelivered{}) == "purge:9");
  CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded apply:bb state:applying");
}

TEST_CASE("actions: what ran before a move does not start again between purge and apply") {
  Bench bench(running_services());
  const ActionText purge{.kind = "purge", .deliver_by = "null", .execute_within_s = 0};
  bench.tell(TargetReceived{TargetText{.seq = 9, .commit = "bb", .after_action = "9"}.json()});
  bench.tell(StepFinished{});
  begin(bench, purge);
  CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded apply:bb state:applying");
  SUBCASE("it does if the apply fails") {
    CHECK(bench.tell(StepFinished{1, "no"}) == "timer:1000..1000 services:aa state:rejected");
  }
  SUBCASE("and the new release's take their place, once all is as asked") {
    CHECK(bench.tell(StepFinished{}) == "save services:bb state:applying");
    CHECK(bench.tell(ServicesReady{}) == "");  // Of the start.
    CHECK(bench.tell(ServicesReady{}) == "state:done");
  }
}

TEST_CASE("actions: the purge of a move waits until its target can be applied") {
  Bench bench(running_services());
  const ActionText purge{.kind = "purge", .deliver_by = "null", .execute_within_s = 0};
  const TargetReceived target{TargetText{.seq = 9, .commit = "bb", .after_action = "9"}.json()};
  const std::string purge_begins = "save ack:9:started timer:5000..5000 state:waiting";
  SUBCASE("for its download") {
    bench.tell(target);
    CHECK(bench.tell(action(purge)) == "ack:9:delivered");
    CHECK(bench.tell(StepFinished{}) == purge_begins);
  }
  SUBCASE("for a download that has to be tried again") {
    bench.tell(target);
    bench.tell(action(purge));
    CHECK(bench.tell(StepFinished{1, "no"}) == "timer:1000..1000 state:rejected");
    const auto timers = only<ScheduleTimer>(bench.outputs);
    CHECK(bench.tell(TimerFired{timers.at(0).id}) == "download:bb state:downloading");
    CHECK(bench.tell(StepFinished{}) == purge_begins);
  }
  SUBCASE("for the target itself") {
    CHECK(bench.tell(action(purge)) == "ack:9:delivered");
    CHECK(bench.tell(target) == "save download:bb state:downloading");
    CHECK(bench.tell(StepFinished{}) == purge_begins);
  }
  SUBCASE("not if there is nothing to download") {
    bench.tell(action(purge));
    const TargetText without{.seq = 9, .commit = "", .after_action = "9"};
    CHECK(bench.tell(TargetReceived{without.json()}) ==
          "save ack:9:started timer:5000..5000 state:idle");
  }
}

TEST_CASE("actions: the purge that after_action names waits, even with a deadline") {
  Bench bench;
  bench.tell(LocksChanged{{"main"}});
  bench.tell(TargetReceived{TargetText{.seq = 9, .commit = "", .after_action = "9"}.json()});
  CHECK(bench.tell(action({.kind = "purge"})) == "ack:9:delivered timer:900000..900000");
}

TEST_CASE("actions: a target waits for a purge that succeeded, not for one that failed") {
  Bench bench;
  begin(bench, {.kind = "purge"});
  bench.tell(DeedFinished{1, "no"});
  bench.tell(TargetReceived{TargetText{.seq = 9, .commit = "bb", .after_action = "9"}.json()});
  CHECK(bench.tell(StepFinished{}) == "state:waiting");
  CHECK(bench.tell(TargetReceived{TargetText{.seq = 10, .commit = "bb"}.json()}) ==
        "save apply:bb state:applying");
}

TEST_CASE("actions: local mode holds back targets, not actions") {
  Bench bench;
  bench.tell(TargetReceived{TargetText{.local_mode = true}.json()});
  bench.tell(action({}));
  CHECK(bench.tell(AcksDelivered{}) == "restart:9");
}

}  // namespace muster::agent
