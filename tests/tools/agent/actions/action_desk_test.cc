// The actions of a device, rule by rule (docs/device-channel.md, rules 10 to 12).
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/tools/agent/actions/action_bench.h"

namespace muster::agent {

TEST_CASE("actions: an action is written down, said to be started, and then done") {
  Bench bench(running_services());
  CHECK(bench.tell(action({})) == begun);
  CHECK(bench.saved.actions.started->action.key.position.n == 9);
  CHECK(bench.saved.actions.started->boot == "boot-1");
  CHECK(bench.tell(AcksDelivered{}) == "restart:9");
  CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded services:aa");
  CHECK(bench.ack().key.id == ActionText{}.id);
  CHECK(bench.ack().percent == 100);
  CHECK(bench.ack().boot == "boot-1");
  CHECK_FALSE(bench.saved.actions.started);
  CHECK(bench.saved.actions.results == std::vector{bench.ack()});
}

TEST_CASE("actions: the deed does not wait for ever for its ack to arrive") {
  SUBCASE("5 s, while the broker is silent") {
    Bench bench;
    bench.tell(action({}));
    const auto timers = only<ScheduleTimer>(bench.outputs);
    CHECK(bench.tell(TimerFired{timers.back().id}) == "restart:9");
  }
  SUBCASE("not at all, when the connection is lost") {
    Bench bench;
    bench.tell(action({}));
    CHECK(bench.tell(Lost{"gone"}) == "restart:9");
  }
}

TEST_CASE("actions: a deed that fails is said so, with its code and message") {
  Bench bench(running_services());
  begin(bench, {.kind = "purge"});
  CHECK(bench.tell(DeedFinished{7, "no"}) == "save ack:9:failed services:aa");
  CHECK(bench.ack().code == 7);
  CHECK(bench.ack().message == "no");
}

TEST_CASE("actions: progress of a deed is said as more of started") {
  Bench bench;
  begin(bench, {.kind = "os-update"});
  CHECK(bench.tell(DeedProgressed{40}) == "ack:9:started");
  CHECK(bench.ack().percent == 40);
}

TEST_CASE("actions: the same one again is answered and not done") {
  Bench bench;
  SUBCASE("while it runs: started") {
    begin(bench, {});
    CHECK(bench.tell(action({})) == "ack:9:started");
  }
  SUBCASE("when it ended: its stored result, also from another attempt") {
    begin(bench, {});
    bench.tell(DeedFinished{7, "no"});
    CHECK(bench.tell(action({})) == "ack:9:failed");
    CHECK(bench.ack().code == 7);
  }
  SUBCASE("while it waits: delivered") {
    bench.tell(TargetReceived{TargetText{}.json()});
    bench.tell(StepFinished{});  // It applies now.
    CHECK(bench.tell(action({})) == "ack:9:delivered timer:900000..900000");
    CHECK(bench.tell(action({})) == "ack:9:delivered");
    CHECK(bench.tell(StepFinished{}) == "save ack:9:started timer:5000..5000 state:done");
  }
}

TEST_CASE("actions: only epoch, n and id together make an action the same") {
  Bench bench;
  begin(bench, {});
  bench.tell(DeedFinished{});
  const auto other_id = ActionText{.id = "01JD00000000000000000000BB"};
  SUBCASE("another id of a finished number: finished, result not kept, with that id") {
    CHECK(bench.tell(action(other_id)) == "ack:9:failed");
    CHECK(bench.ack().code == 410);
    CHECK(bench.ack().message == "finished, result not kept");
    CHECK(bench.ack().key.id == other_id.id);
  }
  SUBCASE("a lower number, or a lower epoch with a higher one: the same answer") {
    CHECK(bench.tell(action({.n = 8})) == "ack:8:failed");
    CHECK(bench.tell(action({.n = 99, .epoch = 1})) == "ack:99:failed");
    CHECK(bench.ack().code == 410);
  }
  SUBCASE("a higher epoch is another action, whatever its number") {
    CHECK(bench.tell(action({.n = 1, .epoch = 1732233601})) ==
          "save ack:1:delivered timer:900000..900000 ack:1:started timer:5000..5000");
  }
  SUBCASE("another id of the number that runs is not listened to") {
    begin(bench, {.n = 10});
    CHECK(bench.tell(action({.n = 10, .id = other_id.id})) == "");
    CHECK(bench.tell(cancel({.n = 10, .id = other_id.id})) == "");
  }
}

TEST_CASE("actions: the last 16 results are kept, also on disk") {
  Bench bench;
  for (std::uint64_t n = 1; n <= 17; ++n) {
    begin(bench, {.n = n});
    bench.tell(DeedFinished{});
  }
  Bench later(bench.saved, "boot-2");
  CHECK(later.tell(action({.n = 1})) == "ack:1:failed");
  CHECK(later.ack().code == 410);
  for (std::uint64_t n = 2; n <= 17; ++n) {
    CHECK(later.tell(action({.n = n})) == fmt::format("ack:{}:succeeded", n));
  }
}

TEST_CASE("actions: one not started in time expires and is never done") {
  Bench bench;
  bench.tell(TargetReceived{TargetText{}.json()});
  bench.tell(StepFinished{});
  bench.tell(action({.execute_within_s = 60}));
  const auto timer = only<ScheduleTimer>(bench.outputs).at(0);
  CHECK(timer.at_least == std::chrono::seconds(60));
  CHECK(bench.tell(TimerFired{timer.id}) == "save ack:9:expired");
  CHECK(bench.ack().code == 408);
  CHECK(bench.tell(StepFinished{}) == "save state:done");
  CHECK(bench.tell(action({})) == "ack:9:expired");
}

TEST_CASE("actions: one that has begun does not expire") {
  Bench bench;
  bench.tell(action({}));
  const auto timer = only<ScheduleTimer>(bench.outputs).at(0);
  CHECK(bench.tell(TimerFired{timer.id}) == "");
  CHECK(bench.tell(AcksDelivered{}) == "restart:9");
}

TEST_CASE("actions: a later one makes one that waits expire") {
  Bench bench;
  bench.tell(TargetReceived{TargetText{}.json()});
  bench.tell(StepFinished{});
  bench.tell(action({}));
  CHECK(bench.tell(action({.n = 10})) ==
        "save ack:9:expired ack:10:delivered timer:900000..900000");
  CHECK(bench.tell(StepFinished{}) == "save ack:10:started timer:5000..5000 state:done");
}

TEST_CASE("actions: a later one waits for the deed of the one before") {
  Bench bench;
  begin(bench, {});
  CHECK(bench.tell(action({.n = 10})) == "ack:10:delivered timer:900000..900000");
  CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded ack:10:started timer:5000..5000");
  CHECK(bench.tell(AcksDelivered{}) == "restart:10");
}

TEST_CASE("actions: a cancel withdraws what has not begun, and else gets the truth") {
  Bench bench;
  SUBCASE("one that waits") {
    bench.tell(TargetReceived{TargetText{}.json()});
    bench.tell(StepFinished{});
    bench.tell(action({}));
    CHECK(bench.tell(cancel({})) == "save ack:9:cancelled");
    CHECK(bench.tell(StepFinished{}) == "save state:done");
  }
  SUBCASE("one that runs") {
    begin(bench, {});
    CHECK(bench.tell(cancel({})) == "ack:9:started");
    CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded");
  }
  SUBCASE("one that ended") {
    begin(bench, {});
    bench.tell(DeedFinished{});
    CHECK(bench.tell(cancel({})) == "ack:9:succeeded");
    CHECK(bench.tell(cancel({.n = 3})) == "ack:3:failed");
    CHECK(bench.ack().code == 410);
  }
  SUBCASE("one that comes only afterwards: it is not done") {
    CHECK(bench.tell(cancel({})) == "save ack:9:cancelled");
    CHECK(bench.tell(action({})) == "ack:9:cancelled");
  }
}

TEST_CASE("actions: what it does not know is rejected, what it cannot read ignored") {
  Bench bench;
  CHECK(bench.tell(action({.kind = "self-destruct"})) == "save ack:9:rejected");
  CHECK(bench.ack().code == 501);
  for (const std::string payload :
       {"", "{", "[]", R"({"v":1})", R"({"v":2,"epoch":1,"n":1,"id":"a","kind":"reboot"})",
        R"({"v":1,"epoch":1,"n":-1,"id":"a","kind":"reboot"})",
        R"({"v":1,"epoch":1,"n":1,"id":"a b","kind":"reboot"})", "\xff\xfe"}) {
    CAPTURE(payload);
    CHECK(bench.tell(ActionReceived{payload}) == "");
    CHECK(bench.tell(CancelReceived{payload}) == "");
    CHECK(only<Warn>(bench.outputs).size() == 1);
  }
}

TEST_CASE("actions: an apply waits for a deed, and a deed for an apply") {
  Bench bench;
  begin(bench, {});
  CHECK(bench.tell(TargetReceived{TargetText{.seq = 5, .commit = "bb"}.json()}) ==
        "save download:bb state:downloading");
  CHECK(bench.tell(StepFinished{}) == "state:waiting");
  CHECK(bench.tell(DeedFinished{}) == "save ack:9:succeeded apply:bb state:applying");
  CHECK(bench.tell(action({.n = 10})) == "ack:10:delivered timer:900000..900000");
  CHECK(bench.tell(StepFinished{}) == "save ack:10:started timer:5000..5000 state:done");
}

TEST_CASE("actions: after a crash with the same boot, what had begun is done again") {
  for (const std::string kind : {"restart", "purge", "reboot", "shutdown", "os-update", "blink"}) {
    CAPTURE(kind);
    Bench before(running_services());
    begin(before, {.kind = kind});
    const Bench after(before.saved, "boot-1", false);
    const bool stops = kind == "restart" || kind == "purge";
    // Services start when a restart or a purge is through, and not before.
    CHECK(after.started ==
          fmt::format("save ack:9:started {}:9:again{}", kind, stops ? "" : " services:aa"));
  }
}

TEST_CASE("actions: after a new boot a reboot and a shutdown are done, others are not") {
  for (const std::string kind : {"reboot", "shutdown"}) {
    CAPTURE(kind);
    Bench before(running_services());
    begin(before, {.kind = kind});
    before.tell(DeedFinished{});  // On its way.
    const Bench after(before.saved, "boot-2");
    CHECK(after.started == "save ack:9:succeeded services:aa");
    CHECK(after.saved.actions.results.at(0).boot == "boot-2");
    CHECK(after.connected == "birth ack:9:succeeded state:idle");
  }
  Bench before;
  begin(before, {.kind = "purge"});
  CHECK(Bench(before.saved, "boot-2", false).started == "save ack:9:started purge:9:again");
}

TEST_CASE("actions: a reboot that does not happen has failed after 5 min") {
  Bench bench;
  begin(bench, {.kind = "reboot"});
  CHECK(bench.tell(DeedFinished{}) == "timer:300000..300000");
  const auto timer = only<ScheduleTimer>(bench.outputs).at(0);
  CHECK(bench.tell(TimerFired{timer.id}) == "save ack:9:failed");
  CHECK(bench.ack().code == 504);
}

TEST_CASE(
    "actions: one that had not begun is forgotten in a crash, for the server sends it again") {
  Bench before;
  before.tell(TargetReceived{TargetText{}.json()});
  before.tell(StepFinished{});
  before.tell(action({}));
  const Bench after(before.saved, "boot-1");
  CHECK(after.started == "save download:9f3c2a1b00");
  CHECK(after.connected == "birth state:downloading");
}

TEST_CASE("actions: the last ack is said again when it may be lost, and to a new bridge always") {
  constexpr auto bridge = R"({{"online":true,"log":"l","instance":"{}","epoch":1,"spread_s":30}})";
  Bench bench;
  begin(bench, {});
  bench.tell(DeedFinished{});
  bench.tell(Lost{"gone"});
  CHECK(bench.tell(Connected{}) == "birth ack:9:succeeded state:idle");
  bench.tell(AcksDelivered{});
  bench.tell(Lost{"gone"});
  CHECK(bench.tell(Connected{}) == "birth state:idle");
  bench.tell(BridgeSeen{fmt::format(bridge, "new")});
  const auto timer = only<ScheduleTimer>(bench.outputs).at(0);
  CHECK(bench.tell(TimerFired{timer.id}) == "birth ack:9:succeeded state:idle");
  CHECK(Bench(bench.saved, "boot-2").connected == "birth ack:9:succeeded state:idle");
}

}  // namespace muster::agent
