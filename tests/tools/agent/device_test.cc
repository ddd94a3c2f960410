#include "tools/agent/device.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/tools/agent/agent_support.h"

namespace muster::agent {

using test::deeds;
using test::only;
using test::TargetText;

namespace {

constexpr auto bridge_online =
    R"({{"online":true,"log":"l","instance":"{}","epoch":1,"spread_s":30}})";

TargetReceived target(const TargetText& text) { return {text.json()}; }

StateReport last_report(const muster::test::Outputs& outputs) {
  const auto reports = only<PublishState>(outputs);
  REQUIRE_FALSE(reports.empty());
  return reports.back().report;
}

/// A device that is connected and runs nothing.
struct Bench {
  explicit Bench(DeviceState stored = {}) : device(std::move(stored), "boot-1") {
    started = device.handle(Started{});
    connected = device.handle(Connected{});
  }

  std::string tell(const DeviceInput& input) { return deeds(outputs = device.handle(input)); }

  /// Runs what a started download leads to until the device runs its target.
  void finish_steps() {
    tell(StepFinished{});
    tell(StepFinished{});
  }

  Device device;
  muster::test::Outputs started;
  muster::test::Outputs connected;
  muster::test::Outputs outputs;
};

}  // namespace

TEST_CASE("device: downloads and applies a target, then says it is done") {
  Bench bench;
  CHECK(deeds(bench.connected) == "birth state:idle");
  CHECK(bench.tell(target({.seq = 5, .commit = "aa"})) == "save download:aa state:downloading");
  CHECK(bench.tell(StepProgressed{40}) == "state:downloading");
  CHECK(last_report(bench.outputs).percent == 40);
  CHECK(bench.tell(StepFinished{}) == "save apply:aa state:applying");
  CHECK(bench.tell(StepFinished{}) == "save state:done");
  const auto report = last_report(bench.outputs);
  CHECK(report.running == "aa");
  CHECK(report.position == Position{1732233600, 5});
  CHECK(report.boot == "boot-1");
}

TEST_CASE("device: an older target is ignored, an equal one answered, by epoch first") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.finish_steps();
  CHECK(bench.tell(target({.seq = 4, .commit = "bb"})) == "");
  CHECK(bench.tell(target({.seq = 5, .commit = "aa"})) == "state:done");
  CHECK(bench.tell(target({.seq = 99, .commit = "bb", .epoch = 1})) == "");
  CHECK(bench.tell(target({.seq = 1, .commit = "bb", .epoch = 1732233601})) ==
        "save download:bb state:downloading");
}

TEST_CASE("device: a newer target with the release that runs is done at once") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.finish_steps();
  CHECK(bench.tell(target({.seq = 6, .commit = "aa", .policy = "pinned"})) == "save state:done");
  CHECK(last_report(bench.outputs).position.seq == 6);
}

TEST_CASE("device: a newer target while it downloads starts over with the newest") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  CHECK(bench.tell(target({.seq = 6, .commit = "bb"})) == "save cancel state:downloading");
  CHECK(bench.tell(target({.seq = 7, .commit = "cc"})) == "save state:downloading");
  CHECK(bench.tell(StepProgressed{70}) == "");
  CHECK(bench.tell(StepFinished{143, "abandoned"}) == "download:cc");
}

TEST_CASE("device: a newer target with the same release leaves the download alone") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  CHECK(bench.tell(target({.seq = 6, .commit = "aa", .lock_override = true})) ==
        "save state:downloading");
}

TEST_CASE("device: a running apply is finished before a newer target") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.tell(StepFinished{});
  CHECK(bench.tell(target({.seq = 6, .commit = "bb"})) == "save state:applying");
  CHECK(bench.tell(StepFinished{}) == "save download:bb state:downloading");
  CHECK(last_report(bench.outputs).running == "aa");
}

TEST_CASE("device: a failed step is retried after 1 s, doubling up to 5 min") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  for (const auto* delay : {"1000", "2000", "4000", "8000", "16000", "32000", "64000", "128000",
                            "256000", "300000", "300000"}) {
    const auto timer = fmt::format("timer:{}..{} state:rejected", delay, delay);
    CHECK(bench.tell(StepFinished{7, "no space"}) == timer);
    CHECK(last_report(bench.outputs).code == 7);
    CHECK(last_report(bench.outputs).message == "no space");
    const auto id = only<ScheduleTimer>(bench.outputs).at(0).id;
    CHECK(bench.tell(TimerFired{id + 1}) == "");
    CHECK(bench.tell(TimerFired{id}) == "download:aa state:downloading");
  }
}

TEST_CASE("device: a newer target ends the waiting after a failure") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.tell(StepFinished{});
  bench.tell(StepFinished{7, "no"});
  const auto id = only<ScheduleTimer>(bench.outputs).at(0).id;
  CHECK(bench.tell(target({.seq = 6, .commit = "aa"})) == "save apply:aa state:applying");
  CHECK(bench.tell(TimerFired{id}) == "");
}

TEST_CASE("device: after a failed apply the release that ran before is applied again") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.finish_steps();
  bench.tell(target({.seq = 6, .commit = "bb"}));
  bench.tell(StepFinished{});
  bench.tell(StepFinished{1, "half-way"});
  CHECK(bench.tell(target({.seq = 7, .commit = "aa"})) == "save download:aa state:downloading");
  bench.finish_steps();
  CHECK(last_report(bench.outputs).status == Status::done);
}

TEST_CASE("device: a lock holds back applying, not downloading") {
  Bench bench;
  bench.tell(LocksChanged{{"main"}});
  CHECK(bench.tell(target({.seq = 5, .commit = "aa"})) == "save download:aa state:downloading");
  CHECK(bench.tell(StepFinished{}) == "state:locked");
  CHECK(last_report(bench.outputs).locks == std::vector<std::string>{"main"});
  CHECK(only<Change>(bench.outputs).back().kind == ChangeKind::locked);
  SUBCASE("until it is gone") {
    CHECK(bench.tell(LocksChanged{}) == "save apply:aa state:applying");
  }
  SUBCASE("unless overridden") {
    CHECK(bench.tell(target({.seq = 6, .commit = "aa", .lock_override = true})) ==
          "save apply:aa state:applying");
  }
}

TEST_CASE("device: a target behind an action is downloaded and waits") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa", .after_action = "9007"}));
  CHECK(bench.tell(StepFinished{}) == "state:waiting");
  CHECK(bench.tell(target({.seq = 6, .commit = "aa"})) == "save apply:aa state:applying");
}

TEST_CASE("device: in local mode targets are stored and not applied") {
  Bench bench;
  CHECK(bench.tell(target({.seq = 5, .commit = "aa", .local_mode = true})) == "save state:idle");
  CHECK(bench.tell(target({.seq = 6, .commit = "aa"})) == "save download:aa state:downloading");
  CHECK(bench.tell(target({.seq = 7, .commit = "aa", .local_mode = true})) ==
        "save cancel state:downloading");
  CHECK(bench.tell(StepFinished{143, "abandoned"}) == "state:idle");
}

TEST_CASE("device: a null release leaves nothing to apply") {
  Bench bench;
  CHECK(bench.tell(target({.seq = 5, .commit = ""})) == "save state:idle");
}

TEST_CASE("device: an empty payload removes the target, keeps what runs and what is too old") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  bench.finish_steps();
  CHECK(bench.tell(TargetReceived{}) == "save state:idle");
  CHECK(last_report(bench.outputs).running == "aa");
  CHECK(bench.tell(TargetReceived{}) == "");
  CHECK(bench.tell(target({.seq = 4, .commit = "bb"})) == "");
  CHECK(bench.tell(target({.seq = 5, .commit = "aa"})) == "save state:done");
}

TEST_CASE("device: a release without a manifest is a release") {
  Bench bench;
  CHECK(bench.tell(target({.seq = 5, .commit = "aa", .manifest = "null"})) ==
        "save download:aa state:downloading");
  bench.finish_steps();
  CHECK(last_report(bench.outputs).running == "aa");
}

TEST_CASE("device: an unusable target is answered with 400 and changes nothing") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  auto newer_version = TargetText{.seq = 6}.json();
  newer_version.replace(newer_version.find("\"v\":1"), 5, "\"v\":2");
  auto text_seq = TargetText{}.json();
  text_seq.replace(text_seq.find("\"seq\":1"), 7, "\"seq\":\"1\"");
  const std::vector<std::string> payloads = {
      "{",
      "[]",
      "{}",
      "\xff\xfe",
      newer_version,
      text_seq,
      TargetText{.seq = 6, .commit = "with space"}.json(),
      TargetText{.seq = 6, .manifest = "[]"}.json(),
      TargetText{.seq = 6, .policy = "whatever"}.json(),
      TargetText{.seq = 6, .after_action = "-1"}.json(),
      TargetText{.seq = 6,
                 .manifest = fmt::format(R"({{"a":{}{}}})", std::string(20000, '['),
                                         std::string(20000, ']'))}
          .json()};
  for (const auto& payload : payloads) {
    CAPTURE(payload.substr(0, 100));
    CHECK(bench.tell(TargetReceived{payload}) == "state:rejected");
    CHECK(last_report(bench.outputs).code == 400);
    CHECK(last_report(bench.outputs).position.seq == 5);
  }
  CHECK(bench.tell(StepFinished{}) == "save apply:aa state:applying");
}

TEST_CASE("device: a new instance of the bridge gets birth and state again within its spread") {
  Bench bench;
  CHECK(bench.tell(BridgeSeen{fmt::format(bridge_online, "one")}) == "timer:0..30000");
  const auto id = only<ScheduleTimer>(bench.outputs).at(0).id;
  CHECK(bench.tell(BridgeSeen{fmt::format(bridge_online, "one")}) == "");
  CHECK(bench.tell(BridgeSeen{R"({"online":false,"instance":"two"})"}) == "");
  CHECK(bench.tell(BridgeSeen{"nonsense"}) == "");
  CHECK(bench.tell(TimerFired{id}) == "birth state:idle");
  CHECK(bench.tell(TimerFired{id}) == "");
}

TEST_CASE("device: a reconnect makes the planned announcement needless") {
  Bench bench;
  bench.tell(BridgeSeen{fmt::format(bridge_online, "one")});
  const auto id = only<ScheduleTimer>(bench.outputs).at(0).id;
  CHECK(bench.tell(Lost{"gone"}) == "");
  CHECK(bench.tell(Connected{}) == "birth state:idle");
  CHECK(bench.tell(TimerFired{id}) == "");
}

TEST_CASE("device: works on without a connection and reports when it is back") {
  Bench bench;
  bench.tell(target({.seq = 5, .commit = "aa"}));
  CHECK(bench.tell(Lost{"gone"}) == "");
  CHECK(bench.tell(StepFinished{}) == "save apply:aa");
  CHECK(bench.tell(StepFinished{}) == "save");
  CHECK(bench.tell(Connected{}) == "birth state:done");
}

TEST_CASE("device: goes on after a restart where it was") {
  DeviceState stored{{1732233600, 5}, TargetText{.seq = 5, .commit = "aa"}.json(), {}, "boot-0"};
  SUBCASE("with the download, if nothing was applied") {
    CHECK(deeds(Bench(stored).started) == "save download:aa");
  }
  SUBCASE("with nothing, if it was done") {
    stored.running = parse_release(TargetText{.commit = "aa"}.release()).value();
    Bench bench(stored);
    CHECK(deeds(bench.started) == "save");
    CHECK(deeds(bench.connected) == "birth state:done");
  }
  SUBCASE("with the whole of it, if an apply was cut short") {
    stored.running = parse_release(TargetText{.commit = "aa"}.release()).value();
    stored.apply_open = true;
    CHECK(deeds(Bench(stored).started) == "save download:aa");
  }
}

}  // namespace muster::agent
